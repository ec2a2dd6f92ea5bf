"""``netbot doctor``: everything that ails a home, with what to do about each."""

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

from netbot import app, clock
from netbot.app import Sphere, wire
from netbot.cli.accounts import TOLD as TOLD_OF_ACCOUNTS
from netbot.cli.accounts import compare_with
from netbot.cli.homes import find_problems
from netbot.cli.paint import fold, sphere_name
from netbot.cli.place import HomeOption, JsonOption, Place, SphereOption, add, place, texts_of
from netbot.cli.sending import brought, send
from netbot.config import names, newsecret
from netbot.model import ConfigError, House, StoreError
from netbot.ops import doctor as ails
from netbot.ops.doctor import Finding, find
from netbot.text import Texts, mark, translator

#: Exit codes: something is amiss, and netbot cannot do its work.
FINDINGS, BROKEN = 3, 1

WRONG = "{problem}", mark("Mend it there; netbot check says when all is well.")
MEANT = "{problem}", mark("Nothing needs to be done if it is meant so.")
HARDLY_MEANT = mark("{n} remarks about rules that are hardly meant so."), "netbot rules lint"
NEVER_RAN = mark("The daemon has never run for this sphere."), "netbot run"
IDLE = mark("The daemon is not well: {fault}"), mark("netbot run, or a look into its log")
UNREADABLE = mark("The database cannot be used: {error}"), mark("netbot restore, from a backup")
NO_SECRET = (
    mark("{account} has no secret: every act there is yours, by hand."),
    "netbot account add {network} --sphere {sphere} --handle {handle}",
)
NO_ADDRESS = (
    mark("No notification can leave: there is no secret {id}."),
    mark("Write its address into {file}, and then: chmod 600 {file}"),
)
UNCONFIRMED = (
    mark("{account} has a secret, and nobody has confirmed whose."),
    "netbot account check {account} --sphere {sphere}",
)
SAYS = "{account} {says}", "netbot account check {account} --sphere {sphere}"


def register(root: typer.Typer) -> None:
    """Add this command."""
    add(root, doctor)


def doctor(
    online: Annotated[
        bool, typer.Option("--online", help="Ask the networks, too, whose your secrets are.")
    ] = False,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what ails this home, and what to do. Nothing is changed.

    Exit 0 when nothing does, 3 with findings, 1 when netbot cannot do its work.
    """
    here = place(home, sphere, as_json=as_json)
    spheres = here.spheres
    houses, *_ = find_problems(here)
    found = list(_of_home(here))
    for name in spheres:
        app.require_sphere(here.home, name)
        found += _of_sphere(here, name)
    if online:
        found += _of_networks(here)
    texts = translator(next((house.language for house in houses.values()), "en"))
    running_on = ails.versions()
    value = {
        "version": wire.VERSION,
        "findings": [_to_json(each) for each in found],
        "versions": running_on,
    }
    here.answer(value, "\n".join(_tell(found, running_on, texts)))
    if found:
        raise typer.Exit(BROKEN if any(each.broken for each in found) else FINDINGS)


def _of_home(here: Place) -> Iterator[Finding]:
    houses, problems, warnings = find_problems(here)
    for problem in problems:
        yield find("configuration", WRONG, broken=True, problem=str(problem))
    for problem in warnings:
        yield find("hint", MEANT, problem=str(problem))
    yield from ails.check_versions(ails.versions())
    yield from ails.check_rights(here.home)
    if houses:
        yield from ails.check_secrets(here.home, houses.values())
    yield from ails.check_peace(here.home)
    yield from ails.check_surroundings(os.environ, Path.cwd(), app.sphere_names(here.home))
    yield from ails.check_policy(app.load_policy(), _networks(houses), clock.now())


def _networks(houses: Mapping[str, House]) -> set[str]:
    """Those that the home has to do with."""
    mine = {each.network for house in houses.values() for each in house.accounts}
    return mine | {each.network for house in houses.values() for each in house.sources}


def _of_sphere(here: Place, name: str) -> Iterator[Finding]:
    """What is asked of a sphere's database, by its last good configuration."""
    from netbot.ops import damage

    folder, now = here.home / "data" / name, clock.now()
    if not (folder / "netbot.db").exists():
        yield find("daemon", NEVER_RAN, name)
        return
    known = damage.find(folder)
    if known:
        yield from ails.check_damage(folder, name, known)
        return
    try:
        with here.open(name) as opened:
            yield from _of_open(opened, now)
    except ConfigError:  # told among the problems of the home
        return
    except StoreError as error:
        yield find("damage", UNREADABLE, name, broken=True, error=str(error))


def _of_open(opened: Sphere, now: datetime) -> Iterator[Finding]:
    from netbot.daemon.clockstep import ClockStep
    from netbot.daemon.worker import find_faults
    from netbot.store import houses

    found = opened.store.find_damage()
    yield from ails.check_damage(opened.folder, opened.name, found)
    if found:
        return
    yield from ails.check_disk(opened.folder, opened.house)
    with opened.store.read() as tx:
        beats, kept = houses.pulse(tx), houses.clocks(tx)
    clocks = ClockStep(now)
    clocks.resume(kept)
    yield from ails.check_clock(beats, clocks.since_last(now), opened.name, now)
    if not beats:
        yield find("daemon", NEVER_RAN, opened.name)
    for fault in find_faults(opened, now) if beats else ():
        yield find("daemon", IDLE, opened.name, fault=fault.removeprefix(f"{opened.name}: "))
    if beats:
        yield from ails.check_copies(opened.folder, opened.name, now)
    yield from _of_rules(opened, now)
    yield from _of_sources(opened, now)
    yield from _of_accounts(opened)
    yield from _of_notifications(opened)


def _of_rules(opened: Sphere, now: datetime) -> Iterator[Finding]:
    from netbot.rules import linting

    try:
        rules = opened.rules
    except ConfigError:  # told among the problems of the home
        return
    remarks = linting.lint(rules, house=opened.house, posts=(), today=now.date())
    if remarks:
        yield find("rules", HARDLY_MEANT, opened.name, n=len(remarks))


def _of_sources(opened: Sphere, now: datetime) -> Iterator[Finding]:
    from netbot import engine

    for problem in engine.problems(opened.store, opened.house, now):
        said = (problem.what, problem.mend)
        yield _about(f"source {problem.kind}", said, opened.name, problem.facts)


def _of_accounts(opened: Sphere) -> Iterator[Finding]:
    from netbot import engine

    for problem in engine.frozen_accounts(opened.store, opened.house):
        yield _about("frozen", (problem.what, problem.mend), opened.name, problem.facts)
    for account in opened.house.accounts:
        facts = {"account": account.id, "network": account.network}
        facts |= {"handle": quote(account.handle), "sphere": opened.name}
        if account.network not in app.acting_networks():
            continue
        if not newsecret.find(opened.home, opened.name, account.id, os.environ):
            yield _about("no secret", NO_SECRET, opened.name, facts)
        elif account.platform_id is None:
            yield _about("unconfirmed", UNCONFIRMED, opened.name, facts)


def _of_notifications(opened: Sphere) -> Iterator[Finding]:
    digest = opened.house.digest
    for name in digest.notify if digest else ():
        if not newsecret.find(opened.home, opened.name, name, os.environ):
            facts = {"id": name, "file": names.file(opened.name, name)}
            yield _about("no secret", NO_ADDRESS, opened.name, facts)


def _about(kind: str, said: tuple[str, str], sphere: str, facts: Mapping[str, str]) -> Finding:
    what, mend = said
    return Finding(kind=kind, what=what, mend=mend, facts=facts, sphere=sphere)


def _of_networks(here: Place) -> Iterator[Finding]:
    """What the networks say of each secret; nothing is confirmed and nothing frozen by that."""
    for outcome in brought(send(here, "account-check", secrets=True)):
        with here.open(outcome.sphere) as opened:
            for item in outcome.value:
                told = item | compare_with(opened, item)
                if told["state"] in {"fails", "misnamed", "other"}:
                    said = texts_of(opened).get(TOLD_OF_ACCOUNTS[told["state"]][0])
                    facts = {
                        "account": told["id"],
                        "sphere": opened.name,
                        "says": said.format(**told),
                    }
                    yield _about("network", SAYS, opened.name, facts)


def _to_json(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "sphere": finding.sphere or None,
        "what": finding.what.format(**finding.facts),
        "mend": finding.mend.format(**finding.facts),
        "broken": finding.broken,
    }


def _tell(found: list[Finding], running_on: Mapping[str, str], texts: Texts) -> Iterator[str]:
    _ = texts.get
    for each in found:
        where = f"{sphere_name(each.sphere, texts)}: " if each.sphere else ""
        sign = "!!" if each.broken else "!"
        yield from fold(f"{sign} {where}{_(each.what).format(**each.facts)}")
        yield f"   {_(each.mend).format(**each.facts)}"  # a command is copied as a whole
    count = texts.plural("{n} finding", "{n} findings", len(found)).format(n=len(found))
    yield count if found else _("Nothing ails this home.")
    yield " · ".join(f"{name} {version}" for name, version in running_on.items())

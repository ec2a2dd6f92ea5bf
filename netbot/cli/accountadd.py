"""``netbot account add``: from a network's name to an account that may act, or that you act for.

The secret goes to a cleaned child, which lays it beside its place and asks the network whose it
is. Only when that is confirmed are secret, configuration and pin written.
"""

import os
import re
import sys
from dataclasses import asdict, dataclass, replace
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from netbot import app, clock, log
from netbot.app import Sphere
from netbot.cli import wire
from netbot.cli.accounts import account_app, ask, compare_with, confirms, pin
from netbot.cli.paint import fold
from netbot.cli.place import (
    HomeOption,
    JsonOption,
    Place,
    SphereOption,
    add,
    is_terminal,
    place,
    texts_of,
)
from netbot.cli.sending import listen, send
from netbot.config import newsecret
from netbot.config.addresses import handle_key
from netbot.model import Account, Identity, NetbotError, StoreError, UsageError
from netbot.text import Texts, mark
from netbot.yamlfile import did_you_mean

if TYPE_CHECKING:
    from netbot.config.changing import Change

#: What is said at the end, and the exit code that it means.
TOLD = {
    "by hand": (mark("You act there yourself; netbot needs no secret."), 0),
    "well": (
        mark("It is {found} ({platform_id}), and netbot acts as nobody else there."),
        0,
    ),
    "new": (
        mark(
            "The secret is for {found} ({platform_id}). Nothing was kept: add --yes if that is you."
        ),
        3,
    ),
    "frozen": (
        mark("{id} is frozen: {problem}. Nothing was kept: look there first, then add --yes."),
        5,
    ),
    "misnamed": (
        mark(
            "The secret is for {found} ({platform_id}), not for {handle}. Nothing was kept: give"
            " the right secret, or say --handle {found}."
        ),
        5,
    ),
    "other": (
        mark(
            "The secret is for {found} ({platform_id}), but {id} was confirmed as {pinned}."
            " Nothing was kept: give the right secret, or an --id of its own."
        ),
        5,
    ),
    "fails": (mark("The network could not be asked, and nothing was kept: {problem}"), 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An account as it is to be."""

    account: Account
    change: "Change | None"  # None: it stands in the configuration already

    @property
    def facts(self) -> dict[str, str]:
        """What a child has to know of it."""
        told = asdict(self.account)
        return {name: told[name] for name in ("id", "network", "handle", "server")}


def register(_root: typer.Typer) -> None:
    """Add this command to those about accounts."""
    add(account_app, account_add, "add")


def account_add(
    network: Annotated[str, typer.Argument(help="Such as mastodon or linkedin.")],
    handle: Annotated[
        str | None, typer.Option("--handle", help="Your name there, as the network writes it.")
    ] = None,
    server: Annotated[
        str, typer.Option("--server", help="Where its API is, if not at the server in the handle.")
    ] = "",
    id: Annotated[str | None, typer.Option("--id", help="Without it, made of both.")] = None,
    secret_file: Annotated[
        Path | None, typer.Option("--secret-file", help="Where the secret is; - is standard input.")
    ] = None,
    code: Annotated[
        bool, typer.Option("--code", help="Let netbot in by your browser, with a code.")
    ] = False,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="Without a secret: you act there yourself.")
    ] = False,
    replace_secret: Annotated[
        bool, typer.Option("--replace", help="Another secret for an account that has one.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm who it is, unasked.")] = False,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add an account of yours, with its secret if netbot can act there."""
    here = _in_one_sphere(place(home, sphere, as_json=as_json))
    app.read_config(here.home)
    by_hand = by_hand or not _takes_secret(network)
    with here.open(here.spheres[0], fresh=True) as opened:
        name = _handle(network, handle, here, texts_of(opened))
        lives = server if by_hand else _server(network, server, here, texts_of(opened))
        wanted = Account(id=id or "", network=network, handle=name, server=lives)
        plan = _plan(here, opened, wanted)
        if by_hand:
            item = _write_down(opened, plan)
        else:
            _require_free(here, opened.name, plan.account.id, replace_secret=replace_secret)
            item = _let_in(here, opened, plan, secret_file, code=code, yes=yes)
        text, exit_code = TOLD[item["state"]]
        lines = [*_where(here, opened, plan, item), texts_of(opened).get(text).format(**item)]
        here.answer({"version": wire.VERSION, "account": item}, "\n".join(lines))
    raise typer.Exit(exit_code)


def _in_one_sphere(here: Place) -> Place:
    """An account belongs to one sphere, and nobody guesses which."""
    names = here.spheres
    if len(names) > 1:
        raise UsageError(f"say whose account it is: --sphere {' or --sphere '.join(names)}")
    return replace(here, sphere=names[0])


def _takes_secret(network: str) -> bool:
    names = app.load_policy().keys()
    if network not in names:
        hint = did_you_mean(network, names) or f" Known: {', '.join(sorted(names))}."
        raise UsageError(f"unknown network “{network}”.{hint}")
    return network in app.keyed_networks()


def _handle(network: str, handle: str | None, here: Place, texts: Texts) -> str:
    """The handle as given, or asked for, in the shape that the network's handles have."""
    guide = app.guide_to(network)
    if handle is None and _asks(here):
        handle = typer.prompt(texts.get("Your handle there"))
    handle = (handle or "").strip()
    like = f", like {guide.example}" if guide.example else ""
    if not handle or not handle.isprintable():
        raise UsageError(f"say with --handle who you are on {network}{like}")
    if guide.handle and not re.fullmatch(guide.handle, handle):
        raise UsageError(f"“{handle}” is no handle on {network}: write it{like}")
    return handle


def _server(network: str, server: str, here: Place, texts: Texts) -> str:
    """The server as given, or asked for where an account is none without it."""
    like = app.guide_to(network).server
    if like and not server and _asks(here):
        server = typer.prompt(texts.get("Your server there, like {like}").format(like=like))
    if like and not server:
        raise UsageError(f"say with --server where that is, like {like}")
    return server.strip()


def _plan(here: Place, opened: Sphere, account: Account) -> Plan:
    """The account that stands there already, or the change that writes it down.

    Raises ``ConfigError`` for what the home does not bear, such as a handle of another sphere.
    """
    from netbot.config.changing import plan_account

    key = handle_key(account.network, account.handle)
    for known in opened.house.accounts:
        if handle_key(known.network, known.handle) == key and account.id in {"", known.id}:
            return Plan(account=known, change=None)
    account = replace(account, id=account.id or _free_id(opened, account))
    names = ("id", "network", "handle", "server")
    entry = {name: getattr(account, name) for name in names if getattr(account, name)}
    change = plan_account(
        here.home, opened.name, entry, networks=opened.policy.keys(), environ=os.environ
    )
    return Plan(account=account, change=change)


def _free_id(opened: Sphere, account: Account) -> str:
    """Made of handle and network, as in ``anna-mastodon``."""
    user = account.handle.removeprefix("@").partition("@")[0]
    wanted = app.slug(f"{user}-{account.network}") or account.network
    taken = {each.id for each in opened.house.accounts}
    numbers = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(each for each in (wanted, *numbers) if each not in taken)


def _require_free(here: Place, sphere: str, id: str, *, replace_secret: bool) -> None:
    """No secret is overwritten unless that is meant."""
    found = newsecret.find(here.home, sphere, id, os.environ)
    if found.startswith("NETBOT_"):
        raise UsageError(f"{id} has its secret in {found}, which counts first: change it there")
    if found and not replace_secret:
        raise UsageError(f"{id} has a secret in {found}: --replace puts another one in its place")


def _write_down(opened: Sphere, plan: Plan) -> dict[str, Any]:
    if plan.change is None:
        raise UsageError(f"{plan.account.handle} stands there already, as {plan.account.id}")
    plan.change.save()
    return _item(opened, plan) | {"state": "by hand"}


def _item(opened: Sphere, plan: Plan) -> dict[str, Any]:
    nothing = dict.fromkeys(("found", "platform_id", "pinned", "problem", "secret"))
    return {"sphere": opened.name, **plan.facts, **nothing}


def _let_in(
    here: Place, opened: Sphere, plan: Plan, file: Path | None, *, code: bool, yes: bool
) -> dict[str, Any]:
    """Try a secret out; keep it when it is confirmed, and leave no trace of it otherwise."""
    texts, kept = texts_of(opened), False
    newsecret.reject(here.home, opened.name, plan.account.id)  # of a run that was cut short
    try:
        told = _key(here, plan, file, texts, code=code)
        [outcome] = send(here, "account-try", secrets=True, told=plan.facts | told)
        item: dict[str, Any] = outcome.value
        secret_mark = item.pop("mark", "")
        item |= compare_with(opened, item)
        confirmed = item["state"] == "well" or (
            item["state"] in {"new", "frozen"} and (yes or confirms(opened, item, here))
        )
        if confirmed:
            _keep(here, opened, plan)
            kept = True
            _confirm(here, plan, item, secret_mark)
            item |= {"state": "well", "problem": None}
        return item
    finally:
        if not kept:
            newsecret.reject(here.home, opened.name, plan.account.id)


def _key(here: Place, plan: Plan, file: Path | None, texts: Texts, *, code: bool) -> dict[str, str]:
    """What opens the door: the secret itself, or a code with what it belongs to."""
    able = app.grants_by_code(plan.account.network)
    if code and not able:
        raise UsageError(f"{plan.account.network} gives no codes: paste the secret")
    if code or (able and file is None and _asks(here) and _by_browser(texts)):
        [outcome] = send(here, "account-grant", secrets=True, told=plan.facts)
        asked = texts.get("Open this address, let netbot in, and paste the code that is shown:")
        typer.echo(f"{asked}\n{outcome.value['url']}", err=True)
        return {"memo": outcome.value["memo"], "code": _take(here, None, texts.get("the code"))}
    steps = _steps(plan.account, texts)
    if _asks(here) and file is None:
        typer.echo("\n".join(steps), err=True)
    secret = _take(here, file, texts.get(app.guide_to(plan.account.network).secret))
    if not secret:
        raise UsageError("\n".join([f"no secret was given for {plan.account.handle}.", *steps]))
    log.hide(secret)
    return {"secret": secret}


def _by_browser(texts: Texts) -> bool:
    question = texts.get("Let netbot in by your browser? No: you paste a secret")
    return typer.confirm(question, default=True)


def _steps(account: Account, texts: Texts) -> list[str]:
    """How one comes by the secret, numbered."""
    host = account.handle.rpartition("@")[2]
    server = account.server.rstrip("/") or f"https://{host}"
    told = (texts.get(step).format(server=server) for step in app.guide_to(account.network).steps)
    return [line for n, step in enumerate(told, 1) for line in fold(f"{n}. {step}", "  ")]


def _take(here: Place, file: Path | None, what: str) -> str:
    """A secret from where nobody looks over one's shoulder."""
    if file is not None and str(file) != "-":
        try:
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{file} holds no secret that can be read: {error}") from None
    if file is None and _asks(here):
        return getpass(f"{what}: ").strip()  # typer would ask before it hides what is typed
    return sys.stdin.readline().strip()


def _keep(here: Place, opened: Sphere, plan: Plan) -> None:
    """The secret first: without it the account would be one that cannot act."""
    newsecret.accept(here.home, opened.name, plan.account.id)
    if plan.change is None:
        return
    try:
        plan.change.save()
    except NetbotError:
        newsecret.take_back(here.home, opened.name, plan.account.id)
        raise


def _confirm(here: Place, plan: Plan, item: dict[str, Any], secret_mark: str) -> None:
    identity = Identity(platform_id=item["platform_id"], handle=item["found"])
    name = plan.account.id
    try:
        with here.open(item["sphere"], fresh=True) as opened:
            pin(opened, plan.account, identity, secret_mark, clock.now())
    except StoreError as error:
        raise StoreError(
            f"{name} and its secret are in place, but not confirmed ({error}): confirm it with"
            f" `netbot account check {name}`"
        ) from error


def _where(here: Place, opened: Sphere, plan: Plan, item: dict[str, Any]) -> list[str]:
    """What was written where."""
    if item["state"] not in {"well", "by hand"}:
        return []
    texts, lines = texts_of(opened), []
    if plan.change is not None:
        written = texts.get("Account {id} is written into {file}.")
        file = here.home / f"config/{opened.name}.yaml"
        lines.append(written.format(id=plan.account.id, file=file))
    if item["secret"]:
        kept = texts.get("Its secret is in {secret}; nobody else can read it.")
        lines.append(kept.format(secret=here.home / item["secret"]))
    return lines


def _asks(here: Place) -> bool:
    """Whether somebody is there to answer a question."""
    return sys.stdin.isatty() and is_terminal() and not here.json


# In the child, with the sphere's secrets


def grant_here(here: Place) -> tuple[dict[str, Any], str, int]:
    """The errand: begin to be let in."""
    account = _account(listen())
    with _open_cleaned(here) as opened:
        network = opened.newcomer(account)
        try:
            grant = network.authorise()
        finally:
            network.close()
    if urlsplit(grant.url).scheme not in {"http", "https"}:
        raise UsageError(f"{account.network} names no address at which netbot is let in")
    return {"url": grant.url, "memo": grant.memo}, "", 0


def try_here(here: Place) -> tuple[dict[str, Any], str, int]:
    """The errand: lay a secret beside its place, and ask the network whose it is."""
    told = listen()
    account = _account(told)
    with _open_cleaned(here) as opened:
        secret = told.get("secret") or _redeem(opened, account, told)
        network = opened.newcomer(account, secret)
        try:
            return ask(opened, account, network), "", 0
        finally:
            network.close()


def _redeem(opened: Sphere, account: Account, told: dict[str, str]) -> str:
    network = opened.newcomer(account)
    try:
        return network.redeem(told["memo"], told["code"])
    finally:
        network.close()


def _open_cleaned(here: Place) -> Sphere:
    [name] = here.spheres
    return app.open_sphere(here.home, name, clock.now(), fresh=True, secrets=True)


def _account(told: dict[str, str]) -> Account:
    return Account(
        id=told["id"], network=told["network"], handle=told["handle"], server=told["server"]
    )

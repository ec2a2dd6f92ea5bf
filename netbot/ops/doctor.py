"""What ails a home: each ailment one sentence, with what to do about it. Nothing is changed here.

What the engine knows of sources and accounts it tells itself; these are the questions to disk,
surroundings and calendar.
"""

import platform
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from pyexpat import EXPAT_VERSION
from shlex import quote
from typing import TYPE_CHECKING

from netbot import __version__, pause
from netbot.config import names, surroundings
from netbot.ops.room import free_mb
from netbot.text import mark

if TYPE_CHECKING:
    from netbot.model import House
    from netbot.network import NetworkPolicy
    from netbot.store.houses import Heartbeat

#: What a network allows is looked up anew after so long.
POLICY_LASTS = timedelta(days=180)

#: A copy is made every day; when none came for so long, nobody makes them.
COPY_LASTS = timedelta(days=3)

#: Clocks of one machine differ by less.
CLOCK_TOLERANCE = timedelta(minutes=5)

#: With older ones statements (RETURNING) or documents (bombs of entities) fail us.
OLDEST = {"SQLite": (3, 35), "expat": (2, 4, 1)}

_PROXIES = ("all_proxy", "http_proxy", "https_proxy")

UNCLOSED = mark("Others can read {path}."), "chmod {mode} {path}"
TRIAL_LEFT = mark("{path} is left over from adding an account."), "rm {path}"
NOBODYS = mark("{path} is a secret of no account."), mark("Remove it, or add its account.")
_ROOM = mark("Make room: at least {least} MiB.")
NOTHING_LEAVES = mark("Only {free} MiB of the disk are free: nothing leaves any more."), _ROOM
NOTHING_WATCHED = mark("Only {free} MiB of the disk are free: no source is looked at."), _ROOM
DAMAGED = (
    mark("The database is damaged: {found}"),
    mark("Stop netbot, and bring a copy back: {copy}"),
)
NO_COPY = mark("No copy of the database is in backups/."), mark("netbot run, or: netbot backup")
OLD_COPY = (
    mark("The last copy of the database was made on {day}."),
    mark("netbot run, or: netbot backup"),
)
AHEAD = (
    mark("The job {job} ran at {at}, which is yet to come: the clock was set back."),
    mark("Set the machine's clock, best by a time server."),
)
STEPPED = (
    mark("The clock was set by {seconds} s since netbot looked last."),
    mark("Make sure that it is right now, best by a time server."),
)
OLD_POLICY = (
    mark("What {network} allows was last looked up on {day}."),
    mark("Read {source}, or install a newer netbot."),
)
PAUSED = mark("Nothing goes out: netbot is paused since {since}."), "netbot resume"
NO_KEY = (
    mark("The key of data/claims is missing or damaged: nobody knows who acts where."),
    mark("Bring data/claims.key back from a backup."),
)
STRAY = (
    mark("{name} could be taken for a secret of yours by a library."),
    mark("Take it away, or move it where netbot is not started."),
)
TOGETHER = (
    mark("The secrets of {spheres} stand in one environment; whatever is started there sees all."),
    mark("Put them into files: secrets/SPHERE/ID.token."),
)
PROXY = (
    mark("{name} is set, and netbot goes without a proxy."),
    mark("Let netbot out directly, or unset it where netbot is started."),
)
OLD_VERSION = mark("{name} {found} is too old."), mark("Install {name} {least} or newer.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that ails; both sentences are to be translated, then filled in with ``facts``."""

    kind: str
    what: str
    mend: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    sphere: str = ""  # "" for the home as a whole
    broken: bool = False  # netbot cannot do its work


def find(
    kind: str, said: tuple[str, str], sphere: str = "", *, broken: bool = False, **facts: str | int
) -> Finding:
    """A finding with the two sentences of ``said``."""
    what, mend = said
    return Finding(kind=kind, what=what, mend=mend, facts=facts, sphere=sphere, broken=broken)


def versions() -> dict[str, str]:
    """What netbot runs on."""
    return {
        "netbot": __version__,
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "expat": EXPAT_VERSION.removeprefix("expat_"),
        "system": platform.platform(terse=True),
    }


def check_versions(found: Mapping[str, str]) -> Iterator[Finding]:
    """Libraries that are too old."""
    for name, least in OLDEST.items():
        if tuple(map(int, re.findall(r"\d+", found[name]))) < least:
            oldest = ".".join(map(str, least))
            facts = {"name": name, "found": found[name], "least": oldest}
            yield find("version", OLD_VERSION, broken=True, **facts)


def check_rights(home: Path) -> Iterator[Finding]:
    """What others could read: secrets, and the folders of databases."""
    secrets = home / "secrets"
    databases = (path.parent for path in (home / "data").glob("*/netbot.db"))
    for path in sorted([secrets, *secrets.rglob("*"), *databases]):
        if path.exists() and path.stat().st_mode & 0o077:
            mode = "700" if path.is_dir() else "600"
            is_secret = path.is_relative_to(secrets) and path.is_file()
            where = quote(str(path))
            yield find("rights", UNCLOSED, broken=is_secret, path=where, mode=mode)


def check_secrets(home: Path, houses: Iterable["House"]) -> Iterator[Finding]:
    """Files among the secrets that nobody asks for."""
    known = {
        home / file(house.sphere, name)
        for house in houses
        for name in (*(each.id for each in house.accounts), *names.of_digest(house.digest))
        for file in (names.file, names.session_file)
    }
    for path in sorted(each for each in (home / "secrets").rglob("*") if each.is_file()):
        if path.name.endswith(names.on_trial("")):
            yield find("trial", TRIAL_LEFT, path=quote(str(path)))
        elif path not in known:
            yield find("secret", NOBODYS, path=str(path))


def check_disk(folder: Path, house: "House") -> Iterator[Finding]:
    """Too little room, and what it has stopped."""
    free = free_mb(folder)
    stops = ((NOTHING_LEAVES, house.act_free_mb), (NOTHING_WATCHED, house.watch_free_mb))
    for stopped, least in stops:
        if free < least:
            yield find("disk", stopped, house.sphere, broken=True, free=free, least=least)
            return


def check_copies(folder: Path, sphere: str, now: datetime) -> Iterator[Finding]:
    """Whether the daily copies are made."""
    from netbot.ops.daily import newest_copy

    copy = newest_copy(folder)
    if copy is None:
        yield find("copy", NO_COPY, sphere)
        return
    made_at = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
    if now - made_at > COPY_LASTS:
        yield find("copy", OLD_COPY, sphere, day=made_at.date().isoformat())


def check_damage(folder: Path, sphere: str, found: str) -> Iterator[Finding]:
    """What SQLite ``found`` wrong with the database, "" for nothing."""
    from netbot.ops.daily import newest_copy

    if found:
        copy = newest_copy(folder)
        told = str(copy) if copy else "netbot restore"
        yield find("damage", DAMAGED, sphere, broken=True, found=found, copy=told)


def check_clock(
    beats: Iterable["Heartbeat"], step: timedelta, sphere: str, now: datetime
) -> Iterator[Finding]:
    """Whether the machine's clock was set; ``step`` is how far since the daemon looked at it."""
    for beat in beats:
        if beat.at > now + CLOCK_TOLERANCE:
            yield find("clock", AHEAD, sphere, job=beat.job, at=f"{beat.at:%Y-%m-%d %H:%M} UTC")
            return
    if abs(step) > CLOCK_TOLERANCE:
        yield find("clock", STEPPED, sphere, seconds=round(step.total_seconds()))


def check_policy(
    policy: Mapping[str, "NetworkPolicy"], used: Iterable[str], now: datetime
) -> Iterator[Finding]:
    """Networks in use whose terms nobody has looked up for long."""
    for network in sorted(set(used) & policy.keys()):
        entry = policy[network]
        if now.date() - date.fromisoformat(entry.checked_on) > POLICY_LASTS:
            day, source = entry.checked_on, entry.source
            yield find("policy", OLD_POLICY, network=network, day=day, source=source)


def check_peace(home: Path) -> Iterator[Finding]:
    """Whether anything may go out at all."""
    stopped = pause.find(home)
    if stopped is not None:
        since = f"{stopped.since:%Y-%m-%d %H:%M} UTC" if stopped.since else "?"
        yield find("paused", PAUSED, since=since)
    claims, key = home / "data" / "claims", home / "data" / "claims.key"
    taken = claims.is_dir() and any(claims.iterdir())
    if (taken and not key.exists()) or (key.exists() and key.stat().st_size != 32):
        yield find("claims", NO_KEY, broken=True)


def check_surroundings(
    environ: Mapping[str, str], folder: Path, spheres: Iterable[str]
) -> Iterator[Finding]:
    """What in environment and folders could be mistaken, or stand in the way."""
    for name in surroundings.stray(environ, folder):
        yield find("stray", STRAY, name=name)
    told = [
        sphere
        for sphere in sorted(spheres)
        if any(name.startswith(names.prefix(sphere)) for name in environ)
    ]
    if len(told) > 1:
        yield find("together", TOGETHER, spheres=", ".join(told))
    for name in sorted(environ):
        if name.casefold() in _PROXIES and environ[name]:
            yield find("proxy", PROXY, name=name)

"""Where clients publish, and how the looks at each place went."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from netbot import log
from netbot.model import Source
from netbot.network import Quiet
from netbot.store.schema import sources

#: Stands where other sources have their address.
BY_HAND = "by hand"

_PLANS = ("next_check", "paused_until", "tried_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A source and how its looks went."""

    id: int
    source: Source
    title: str
    cursor: str
    next_check: datetime | None  # None: never again
    tried_at: datetime | None
    succeeded_at: datetime | None
    seeded_at: datetime | None
    failures: int  # in a row
    last_error: str
    gone_at: datetime | None
    configured: bool
    failing_since: datetime | None  # the first of the failures in a row
    paused_until: datetime | None  # its host asked for a pause
    quiet: Quiet  # when it wants no visit
    place: str  # where it is looked at; "" = at its address
    moved_at: datetime | None  # known since: its address sends to ``place`` for good
    merged_into: int | None  # another source of the client is watched at the same place
    quarantined_at: datetime | None  # posts are set aside since


def align(tx: Connection, wanted: Iterable[Source], now: datetime) -> list[Watched]:
    """Make the watched sources those of the configuration; what was learnt of each is kept.

    Returns every source ever configured, oldest first.
    """
    found = everything(tx)
    known = {watched.source: watched for watched in found}
    right = {watched.source for watched in found if watched.configured}
    wanted = dict.fromkeys(wanted)
    if right == wanted.keys():
        return found
    for source in [source for source in wanted if source not in right]:
        if source in known:
            _begin_anew(tx, known[source].id, now)
        else:
            _insert(tx, source, now)
    for source in right - wanted.keys():
        _set(tx, known[source].id, configured=False, next_check=None)
    return everything(tx)


def by_hand(tx: Connection, client: str, network: str) -> int:
    """The source of what the human found there; it is no place to look at. Returns its number."""
    mine = (sources.c.client_id == client) & (sources.c.network == network)
    known: int | None = tx.scalar(select(sources.c.id).where(mine, sources.c.address == BY_HAND))
    if known is not None:
        return known
    row = {"client_id": client, "network": network, "address": BY_HAND, "configured": False}
    born: int = tx.execute(insert(sources).values(row).returning(sources.c.id)).scalar_one()
    return born


def everything(tx: Connection) -> list[Watched]:
    """Every source ever configured, oldest first."""
    return [_watched(row) for row in tx.execute(select(sources).order_by(sources.c.id)).mappings()]


def of_client(tx: Connection, client: str) -> list[Watched]:
    """Every source of a client, oldest first."""
    query = select(sources).where(sources.c.client_id == client).order_by(sources.c.id)
    return [_watched(row) for row in tx.execute(query).mappings()]


def due(tx: Connection, now: datetime) -> list[Watched]:
    """The sources whose time has come: those that answer before those that fail, then by time.

    One that was merged into another is left out as long as that one is watched.
    """
    other = sources.alias("other")
    stand_ins = select(other.c.id).where(other.c.configured, other.c.gone_at.is_(None))
    query = (
        select(sources)
        .where(
            sources.c.configured,
            sources.c.next_check <= now,
            sources.c.merged_into.is_(None) | sources.c.merged_into.not_in(stand_ins),
        )
        .order_by(sources.c.failures > 0, sources.c.next_check, sources.c.id)
    )
    return [_watched(row) for row in tx.execute(query).mappings()]


def get(tx: Connection, id: int) -> Watched | None:
    """The source of that number, or None."""
    row = tx.execute(select(sources).where(sources.c.id == id)).mappings().one_or_none()
    return None if row is None else _watched(row)


def postpone(tx: Connection, id: int, next_check: datetime) -> None:
    """Look at another time than planned."""
    _set(tx, id, next_check=next_check)


def replan(tx: Connection, id: int, next_check: datetime) -> None:
    """Forget plans that another clock made: the next look, and a pause."""
    _set(tx, id, next_check=next_check, tried_at=None, paused_until=None)


def shift(tx: Connection, by: timedelta) -> None:
    """Move every plan: the clock was set, and waiting has nothing to do with that."""
    for watched in everything(tx):
        plans = {name: getattr(watched, name) for name in _PLANS}
        moved = {name: at + by for name, at in plans.items() if at}
        if moved:
            _set(tx, watched.id, **moved)


def reserve(tx: Connection, id: int, now: datetime, next_check: datetime) -> None:
    """Write the next look down before this one starts, so that a crash cannot repeat it."""
    _set(tx, id, tried_at=now, next_check=next_check)


def succeed(
    tx: Connection,
    id: int,
    now: datetime,
    *,
    next_check: datetime,
    cursor: str,
    title: str,
    quiet: Quiet,
) -> None:
    """The look went well; keep what the next one needs."""
    values: dict[str, object] = {"title": title} if title else {}
    _set(
        tx,
        id,
        succeeded_at=now,
        next_check=next_check,
        cursor=cursor,
        failures=0,
        failing_since=None,
        paused_until=None,
        last_error="",
        quiet={"hours": sorted(quiet.hours), "days": sorted(quiet.days)},
        **values,
    )


def settle_down(
    tx: Connection, id: int, *, place: str, moved_at: datetime | None, merged_into: int | None
) -> None:
    """It is looked at in another place from now on, or by another source of the client."""
    _set(tx, id, place=place, moved_at=moved_at, merged_into=merged_into)


def set_aside(tx: Connection, id: int, at: datetime | None) -> None:
    """Posts of it wait for the human's word since then; None: they do no more."""
    _set(tx, id, quarantined_at=at)


def seed(tx: Connection, id: int, now: datetime) -> None:
    """The first batch has been taken in."""
    _set(tx, id, seeded_at=now)


def fail(
    tx: Connection,
    id: int,
    *,
    next_check: datetime | None,
    error: str,
    failures: int,
    failing_since: datetime,
    paused_until: datetime | None = None,
    gone_at: datetime | None = None,
) -> None:
    """The look failed ``failures`` times in a row."""
    _set(
        tx,
        id,
        next_check=next_check,
        last_error=log.redact(error)[:2000],
        failures=failures,
        failing_since=failing_since,
        paused_until=paused_until,
        gone_at=gone_at,
    )


def _insert(tx: Connection, source: Source, now: datetime) -> None:
    tx.execute(
        insert(sources).values(
            client_id=source.client,
            network=source.network,
            address=source.address,
            next_check=now,
        )
    )


def _begin_anew(tx: Connection, id: int, now: datetime) -> None:
    """Watch a source again that had left the configuration."""
    _set(
        tx,
        id,
        configured=True,
        next_check=now,
        gone_at=None,
        failures=0,
        failing_since=None,
        merged_into=None,
    )


def _set(tx: Connection, id: int, **values: object) -> None:
    tx.execute(update(sources).where(sources.c.id == id).values(**values))


def _watched(row: RowMapping) -> Watched:
    values: dict[str, Any] = dict(row)
    source = Source(
        client=values.pop("client_id"),
        network=values.pop("network"),
        address=values.pop("address"),
    )
    quiet = values.pop("quiet") or {"hours": (), "days": ()}
    return Watched(
        source=source,
        quiet=Quiet(hours=frozenset(quiet["hours"]), days=frozenset(quiet["days"])),
        **values,
    )

"""Where clients publish, and how the looks at each place went."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from netbot.model import Source
from netbot.store.schema import sources


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


def align(tx: Connection, wanted: Iterable[Source], now: datetime) -> None:
    """Make the watched sources those of the configuration; what was learnt of each is kept."""
    known = {watched.source: watched for watched in everything(tx)}
    wanted = list(wanted)
    for source in wanted:
        if source not in known:
            tx.execute(
                insert(sources).values(
                    client_id=source.client,
                    network=source.network,
                    address=source.address,
                    next_check=now,
                )
            )
        elif not known[source].configured:
            _set(tx, known[source].id, configured=True, next_check=now, gone_at=None)
    for source in known.keys() - set(wanted):
        if known[source].configured:
            _set(tx, known[source].id, configured=False, next_check=None)


def everything(tx: Connection) -> list[Watched]:
    """Every source ever configured, oldest first."""
    return [_watched(row) for row in tx.execute(select(sources).order_by(sources.c.id)).mappings()]


def due(tx: Connection, now: datetime) -> list[Watched]:
    """The sources whose time has come, the longest waiting first."""
    query = (
        select(sources)
        .where(sources.c.next_check <= now)
        .order_by(sources.c.next_check, sources.c.id)
    )
    return [_watched(row) for row in tx.execute(query).mappings()]


def reserve(tx: Connection, id: int, now: datetime, next_check: datetime) -> None:
    """Write the next look down before this one starts, so that a crash cannot repeat it."""
    _set(tx, id, tried_at=now, next_check=next_check)


def succeed(
    tx: Connection, id: int, now: datetime, *, next_check: datetime, cursor: str, title: str
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
        last_error="",
        **values,
    )


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
    gone_at: datetime | None = None,
) -> None:
    """The look failed ``failures`` times in a row."""
    _set(tx, id, next_check=next_check, last_error=error[:2000], failures=failures, gone_at=gone_at)


def _set(tx: Connection, id: int, **values: object) -> None:
    tx.execute(update(sources).where(sources.c.id == id).values(**values))


def _watched(row: RowMapping) -> Watched:
    values: dict[str, Any] = dict(row)
    source = Source(
        client=values.pop("client_id"),
        network=values.pop("network"),
        address=values.pop("address"),
    )
    return Watched(source=source, **values)

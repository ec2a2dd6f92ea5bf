"""Clients to be left in peace: since when and until when, never why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from netbot.store.schema import holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A client who is left in peace; what was added later lengthens it."""

    client: str
    since: datetime
    until: datetime


def add(tx: Connection, client: str, since: datetime, until: datetime) -> None:
    """Leave a client in peace; a hold that ends later stays."""
    tx.execute(insert(holds).values(client_id=client, since=since, until=until))


def end(tx: Connection, client: str, now: datetime) -> None:
    """A human said that it was a false alarm, or enough."""
    mine = (holds.c.client_id == client) & _lasting(now)
    tx.execute(update(holds).where(mine).values(ended_at=now))


def reopen(tx: Connection, client: str, ended_at: datetime) -> None:
    """What was ended at that time was not meant to be."""
    mine = (holds.c.client_id == client) & (holds.c.ended_at == ended_at)
    tx.execute(update(holds).where(mine).values(ended_at=None))


def of_client(tx: Connection, client: str, now: datetime) -> Hold | None:
    """How the client is left in peace now, or None."""
    return current(tx, now).get(client)


def current(tx: Connection, now: datetime) -> Mapping[str, Hold]:
    """The clients who are left in peace now."""
    return {row["client"]: Hold(**row) for row in tx.execute(_CURRENT, {"now": now}).mappings()}


def quiet(tx: Connection, now: datetime) -> Mapping[str, datetime]:
    """The clients to be left in peace now, and until when."""
    return {client: hold.until for client, hold in current(tx, now).items()}


def _lasting(now: Any) -> Any:
    return holds.c.ended_at.is_(None) & (holds.c.until > now)


_CURRENT = (
    select(
        holds.c.client_id.label("client"),
        func.min(holds.c.since).label("since"),
        func.max(holds.c.until).label("until"),
    )
    .where(_lasting(bindparam("now")))
    .group_by(holds.c.client_id)
    .order_by(holds.c.client_id)
)

"""Clients to be left in peace: since when and until when, never why."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from netbot.store.schema import holds


def add(tx: Connection, client: str, since: datetime, until: datetime) -> None:
    """Leave a client in peace; a hold that ends later stays."""
    tx.execute(insert(holds).values(client_id=client, since=since, until=until))


def end(tx: Connection, client: str, now: datetime) -> None:
    """A human said that it was a false alarm, or enough."""
    tx.execute(
        update(holds)
        .where(holds.c.client_id == client, holds.c.ended_at.is_(None))
        .values(ended_at=now)
    )


def quiet(tx: Connection, now: datetime) -> Mapping[str, datetime]:
    """The clients to be left in peace now, and until when."""
    query = (
        select(holds.c.client_id, func.max(holds.c.until).label("until"))
        .where(holds.c.ended_at.is_(None), holds.c.until > now)
        .group_by(holds.c.client_id)
    )
    return {row.client_id: row.until for row in tx.execute(query)}

"""Local dates whose queue has been opened, each once."""

from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from netbot.store.schema import dates


def open_date(tx: Connection, day: date, now: datetime) -> bool:
    """Remember that a date's queue is open; False when it has been already."""
    if is_open(tx, day):
        return False
    tx.execute(insert(dates).values(date=day.isoformat(), opened_at=now))
    return True


def is_open(tx: Connection, day: date) -> bool:
    """Whether that date's queue has been opened."""
    query = select(dates.c.date).where(dates.c.date == day.isoformat())
    return tx.execute(query).first() is not None

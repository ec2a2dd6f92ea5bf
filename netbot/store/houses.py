"""The last good configuration and the jobs' heartbeats: what fast commands read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from netbot import log
from netbot.store.schema import heartbeats, meta, settings

#: Under which name the stand of the clocks is kept.
CLOCKS = "clocks"
ORDER = "order"  # the last decision and the last card that the queue's order knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """How a job of the worker ended the last time."""

    job: str
    at: datetime
    ok: bool
    note: str


def save(tx: Connection, house: str, files: Mapping[str, str], now: datetime) -> None:
    """Keep a validated configuration as JSON, with its files' SHA-256."""
    tx.execute(delete(settings))
    tx.execute(insert(settings).values(id=1, house=house, files=dict(files), loaded_at=now))


def load(tx: Connection) -> tuple[str, dict[str, str]] | None:
    """The kept configuration (JSON, files' hashes), or None when there is none yet."""
    row = tx.execute(select(settings.c.house, settings.c.files)).one_or_none()
    return None if row is None else (row.house, dict(row.files))


def beat(tx: Connection, job: str, now: datetime, *, ok: bool, note: str = "") -> None:
    """Write down that a job has just ended."""
    tx.execute(delete(heartbeats).where(heartbeats.c.job == job))
    tx.execute(insert(heartbeats).values(job=job, at=now, ok=ok, note=log.redact(note)))


def keep_clocks(tx: Connection, mark: str) -> None:
    """Write down how the machine's clocks stand to each other, in the daemon's own words."""
    keep_mark(tx, CLOCKS, mark)


def clocks(tx: Connection) -> str:
    """What was written down of the clocks; "" when nothing was."""
    return mark(tx, CLOCKS)


def keep_mark(tx: Connection, name: str, value: str) -> None:
    """Write down under a name how far somebody has come."""
    tx.execute(delete(meta).where(meta.c.name == name))
    tx.execute(insert(meta).values(name=name, value=value))


def mark(tx: Connection, name: str) -> str:
    """What was written down under that name; "" when nothing was."""
    return tx.scalar(select(meta.c.value).where(meta.c.name == name)) or ""


def pulse(tx: Connection) -> list[Heartbeat]:
    """The jobs' last heartbeats, by name."""
    query = select(heartbeats).order_by(heartbeats.c.job)
    return [Heartbeat(**row) for row in tx.execute(query).mappings()]

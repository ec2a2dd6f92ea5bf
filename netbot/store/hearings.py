"""Which of my accounts are asked what others did with what they published, and when again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from netbot import log
from netbot.store.accounts import LONGEST_NOTE
from netbot.store.schema import hearings


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """How asking for one account went."""

    account_id: str
    platform_id: str  # whom it was pinned to when it was first asked
    since: datetime  # when that was; nothing older is of interest
    next_at: datetime
    heard_at: datetime | None  # the last answer
    failures: int  # in a row
    failing_since: datetime | None  # the first of the failures in a row
    last_error: str


def load(tx: Connection) -> Mapping[str, Hearing]:
    """Everything known, by account id."""
    return {row["account_id"]: Hearing(**row) for row in tx.execute(select(hearings)).mappings()}


def begin(
    tx: Connection, account: str, platform_id: str, now: datetime, next_at: datetime
) -> Hearing:
    """Ask for that account from now on; what was heard when it was somebody else's is over."""
    tx.execute(delete(hearings).where(hearings.c.account_id == account))
    row = {"account_id": account, "platform_id": platform_id, "since": now, "next_at": next_at}
    tx.execute(insert(hearings).values(**row))
    return load(tx)[account]


def reserve(tx: Connection, account: str, next_at: datetime) -> None:
    """Write the next time down before this one starts, so that a crash cannot repeat it."""
    _set(tx, account, next_at=next_at)


def succeed(tx: Connection, account: str, now: datetime) -> None:
    """The network answered."""
    _set(tx, account, heard_at=now, failures=0, failing_since=None, last_error="")


def fail(tx: Connection, hearing: Hearing, now: datetime, next_at: datetime, error: str) -> None:
    """It did not, and why."""
    _set(
        tx,
        hearing.account_id,
        next_at=next_at,
        failures=hearing.failures + 1,
        failing_since=hearing.failing_since or now,
        last_error=log.redact(error)[:LONGEST_NOTE],
    )


def shift(tx: Connection, by: timedelta) -> None:
    """Move every plan: the clock was set, and waiting has nothing to do with that."""
    for name, hearing in load(tx).items():
        _set(tx, name, next_at=hearing.next_at + by)


def _set(tx: Connection, account: str, **values: object) -> None:
    tx.execute(update(hearings).where(hearings.c.account_id == account).values(**values))

"""What is known of my accounts besides their entries in the configuration."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from netbot import log
from netbot.model import Account, Identity
from netbot.store.schema import accounts

#: In characters; a note is a sentence, whatever a network says.
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One account, as it is remembered."""

    id: str
    network: str
    platform_id: str | None  # pinned: whom its secret must be for
    handle: str  # as the network wrote it then
    secret_mark: str  # changes with the secret
    checked_at: datetime | None  # when the network last said that it is still so
    resting_until: datetime | None  # no act before
    frozen_at: datetime | None  # no act until a human has looked
    note: str  # why it rests or is frozen


def load(tx: Connection) -> dict[str, Known]:
    """Everything remembered, by account id."""
    rows = tx.execute(select(accounts).order_by(accounts.c.id)).mappings()
    return {row["id"]: Known(**row) for row in rows}


def pin(
    tx: Connection, account: Account, identity: Identity, secret_mark: str, now: datetime
) -> None:
    """A human said that the account is this one; whatever kept it from acting is over."""
    tx.execute(delete(accounts).where(accounts.c.id == account.id))
    tx.execute(
        insert(accounts).values(
            id=account.id,
            network=account.network,
            platform_id=identity.platform_id,
            handle=identity.handle,
            secret_mark=secret_mark,
            checked_at=now,
        )
    )


def checked(tx: Connection, id: str, identity: Identity, secret_mark: str, now: datetime) -> None:
    """The network has said that this secret is still for whom it should be for."""
    _set(tx, id, handle=identity.handle, secret_mark=secret_mark, checked_at=now)


def freeze(tx: Connection, id: str, note: str, now: datetime) -> None:
    """No act until a human has looked; what froze it first stays the reason."""
    query = update(accounts).where(accounts.c.id == id, accounts.c.frozen_at.is_(None))
    tx.execute(query.values(frozen_at=now, note=_clean(note)))


def rest(tx: Connection, id: str, until: datetime, note: str) -> None:
    """No act before ``until``; a frozen account keeps the reason why."""
    query = update(accounts).where(accounts.c.id == id, accounts.c.frozen_at.is_(None))
    tx.execute(query.values(resting_until=until, note=_clean(note)))


def thaw(tx: Connection, id: str) -> None:
    """A human has looked: the account may act again, and at once."""
    _set(tx, id, frozen_at=None, resting_until=None, note="")


def _clean(note: str) -> str:
    return log.redact(note)[:LONGEST_NOTE]


def _set(tx: Connection, id: str, **values: object) -> None:
    tx.execute(update(accounts).where(accounts.c.id == id).values(**values))

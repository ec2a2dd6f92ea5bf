"""What is known of my accounts: whom a network took us for, and whether they may act now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from netbot import log
from netbot.model import Account, ActionState, Channel, Identity
from netbot.store.schema import accounts, outbox

#: In characters; a note is a sentence, whatever a network says.
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One account as remembered."""

    id: str
    network: str
    platform_id: str | None  # pinned: whom its secret must be for
    handle: str  # as the network wrote it then
    secret_mark: str  # changes with the secret
    checked_at: datetime | None  # when the network last said that it is still so
    resting_until: datetime | None  # no act before
    frozen_at: datetime | None  # no act until a human has looked
    note: str  # why it rests or is frozen


def load(tx: Connection) -> Mapping[str, Known]:
    """Everything known, by account id."""
    return {row["id"]: Known(**row) for row in tx.execute(select(accounts)).mappings()}


def busy(tx: Connection, now: datetime) -> set[str]:
    """Ids of those with an act that is due, shall be taken back or is to be read back."""
    due = (
        (outbox.c.state == ActionState.PENDING.value)
        & (outbox.c.channel == Channel.API.value)
        & (outbox.c.not_before <= now)
        & (outbox.c.expires_at > now)
    )
    back = (outbox.c.state == ActionState.SENT.value) & outbox.c.take_back_at.is_not(None)
    query = select(outbox.c.account_id).where(due | back | (outbox.c.look_at <= now)).distinct()
    return set(tx.scalars(query))


def pin(
    tx: Connection, account: Account, identity: Identity, secret_mark: str, now: datetime
) -> None:
    """Remember whom the account's secret is for, because a human said so; it may act again."""
    values = {
        "network": account.network,
        "platform_id": identity.platform_id,
        "handle": identity.handle,
        "secret_mark": secret_mark,
        "checked_at": now,
        "resting_until": None,
        "frozen_at": None,
        "note": "",
    }
    if account.id in load(tx):
        tx.execute(update(accounts).where(accounts.c.id == account.id).values(**values))
    else:
        tx.execute(insert(accounts).values(id=account.id, **values))


def vouch(tx: Connection, id: str, secret_mark: str, now: datetime) -> None:
    """Remember that the network has just said that it is still so."""
    _change(tx, id, secret_mark=secret_mark, checked_at=now)


def rest(tx: Connection, id: str, until: datetime, note: str) -> None:
    """No act of this account before ``until``; why it is frozen, if it is, stays the note."""
    _note(tx, id, note, resting_until=until)


def freeze(tx: Connection, id: str, now: datetime, note: str) -> None:
    """No act of this account until a human has looked; what froze it first stays the note."""
    _note(tx, id, note, frozen_at=now)


def thaw(tx: Connection, id: str) -> None:
    """A human has looked: it may act again."""
    _change(tx, id, frozen_at=None, resting_until=None, note="")


def _note(tx: Connection, id: str, note: str, **values: object) -> None:
    free = (accounts.c.id == id) & accounts.c.frozen_at.is_(None)
    clean = log.redact(note)[:LONGEST_NOTE]
    tx.execute(update(accounts).where(free).values(note=clean, **values))


def _change(tx: Connection, id: str, **values: object) -> None:
    tx.execute(update(accounts).where(accounts.c.id == id).values(**values))

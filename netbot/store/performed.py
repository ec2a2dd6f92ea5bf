"""What has left the house, as far as caps, spacing and money ask."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from netbot.model import ActionState, Verb
from netbot.store.schema import history, outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """One act that has left the house, or was about to; caps and spacing count these."""

    account: str | None
    network: str
    client: str
    verb: Verb
    at: datetime
    cost_micros: int


def after(tx: Connection, moment: datetime) -> list[Performed]:
    """What was done since then, by netbot or by hand, oldest first."""
    done = (ActionState.SENDING.value, ActionState.CONFIRMED.value)
    query = (
        select(outbox, history.c.at)
        .join(history, history.c.action_id == outbox.c.id)
        .where(history.c.to_state.in_(done), history.c.at > moment)
        .where(outbox.c.verb != Verb.THANK.value)  # no cap of a network speaks of it
        .order_by(history.c.id)
    )
    return [
        Performed(
            account=row["account_id"],
            network=row["network"],
            client=row["client_id"],
            verb=Verb(row["verb"]),
            at=row["at"],
            cost_micros=row["cost_micros"],
        )
        for row in tx.execute(query).mappings()
    ]


def last_of_accounts(tx: Connection) -> dict[str, datetime]:
    """When each account last did something, by netbot or by hand."""
    done = (ActionState.SENDING.value, ActionState.CONFIRMED.value)
    query = (
        select(outbox.c.account_id, func.max(history.c.at))
        .join(history, history.c.action_id == outbox.c.id)
        .where(history.c.to_state.in_(done), outbox.c.account_id.is_not(None))
        .group_by(outbox.c.account_id)
    )
    return dict(row for row in tx.execute(query))

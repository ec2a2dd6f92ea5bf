"""What the human decided about posts: what the order of cards learns from."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from netbot.model import Outcome, SkipReason, StoredPost, Verb
from netbot.store import posts
from netbot.store.schema import decisions, suggestions


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a human decided last about a card, and what it was about."""

    post: StoredPost
    verb: Verb  # that was approved, or else proposed
    approved: bool
    reason: SkipReason | None
    at: datetime


def judgements(tx: Connection, *, limit: int) -> list[Judgement]:
    """The newest decisions about posts that stand, oldest first.

    What was taken back or put off is none.
    """
    newest = select(func.max(decisions.c.id)).group_by(decisions.c.suggestion_id)
    query = (
        select(decisions, suggestions.c.post_id, suggestions.c.verb.label("proposed"))
        .join(suggestions, suggestions.c.id == decisions.c.suggestion_id)
        .where(decisions.c.id.in_(newest), suggestions.c.post_id.is_not(None))
        .where(decisions.c.outcome.in_([Outcome.APPROVED.value, Outcome.SKIPPED.value]))
        .order_by(decisions.c.id.desc())
        .limit(limit)
    )
    rows = tx.execute(query).mappings().all()
    found = posts.by_ids(tx, {row["post_id"] for row in rows})
    return [
        Judgement(
            post=found[row["post_id"]],
            verb=Verb(row["verb"] or row["proposed"]),
            approved=row["outcome"] == Outcome.APPROVED.value,
            reason=SkipReason(row["reason"]) if row["reason"] else None,
            at=row["decided_at"],
        )
        for row in reversed(rows)
    ]


def last_numbers(tx: Connection) -> str:
    """Another text as soon as there is another decision or another card."""
    newest = (tx.scalar(select(func.max(table.c.id))) or 0 for table in (decisions, suggestions))
    return " ".join(map(str, newest))

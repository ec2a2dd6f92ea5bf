"""The log: what was decided, what became of it, and what was done about mistakes.

Pages of it go by the number of the row before which they begin, so that the last page of a long
log is as quick as the first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, String, cast, func, insert, select

from netbot.model import (
    Action,
    ActionState,
    Amends,
    Channel,
    Choice,
    Direction,
    Face,
    Outcome,
    SkipReason,
    Touch,
    Verb,
)
from netbot.store import texts
from netbot.store.schema import (
    corrections,
    decisions,
    engagements,
    outbox,
    posts,
    suggestions,
    touches,
)

#: Decisions that a person came to by looking at a card.
_ANSWERS = (Outcome.APPROVED.value, Outcome.SKIPPED.value)

_TEXTS = ("target_sha", "text_sha", "note_sha", "title_sha")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What the human did about an act that was a mistake."""

    kind: Amends
    at: datetime
    text: str | None  # None: forgotten
    face: Face | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One decision, and what became of the act that it started, if it did."""

    number: int  # grows with every decision
    card: str  # <sphere>-<n>
    client: str
    outcome: Outcome
    at: datetime
    face: Face | None  # where it was decided, if known
    title: str | None  # of the post; None: forgotten, or there is no post
    reason: SkipReason | None = None
    until: datetime | None = None  # of what was put off
    choice: Choice | None = None  # of an approval; its address is "" when forgotten
    text: str | None = ""  # exactly what was approved; None: forgotten
    approval_hash: str = ""
    state: ActionState | None = None  # where the act stands
    changed_at: datetime | None = None
    note: str = ""  # why it failed, waits or nobody knows
    corrections: tuple[Correction, ...] = ()

    @property
    def is_forgotten(self) -> bool:
        """Whether the words of an approval are no longer kept."""
        return self.text is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One contact, with where it can be seen and what became of the act that it was."""

    touch: Touch
    url: str = ""  # theirs, of what the client did; "" for none
    state: ActionState | None = None  # of mine: of the card's newest act


def page(
    tx: Connection,
    sphere: str,
    *,
    limit: int,
    before: int | None = None,
    client: str = "",
    outcome: Outcome | None = None,
) -> list[Record]:
    """The newest decisions, those below the number ``before``; at most ``texts.CHUNK``."""
    wanted = [decisions.c.id < before] if before is not None else []
    if client:
        wanted.append(suggestions.c.client_id == client)
    if outcome is not None:
        wanted.append(decisions.c.outcome == outcome.value)
    return _records(tx, sphere, _QUERY.where(*wanted).order_by(decisions.c.id.desc()).limit(limit))


def clients(tx: Connection) -> list[str]:
    """Everybody about whom there ever was a card, by id."""
    query = select(suggestions.c.client_id).distinct()
    return list(tx.scalars(query.order_by(suggestions.c.client_id)))


def correct(tx: Connection, action: Action, done: Correction) -> None:
    """Write down what was done about an act that was a mistake."""
    text = done.text or ""
    texts.put(tx, action.client, (text,), done.at)
    row = {
        "action_id": action.id,
        "kind": done.kind.value,
        "text_sha": texts.sha256(text),
        "face": done.face,
        "at": done.at,
    }
    tx.execute(insert(corrections).values(row))


def corrections_of(tx: Connection, action: Action) -> tuple[Correction, ...]:
    """What was done about an act, oldest first."""
    return _corrections(tx, {action.id: action.client}).get(action.id, ())


def contacts(tx: Connection, sphere: str, client: str, *, limit: int) -> list[Contact]:
    """A client's last contacts in both directions, newest first."""
    newest = (
        select(outbox.c.state)
        .where(outbox.c.suggestion_id == touches.c.suggestion_id)
        .order_by(outbox.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(touches, engagements.c.url, newest.label("state"))
        .outerjoin(engagements, engagements.c.touch_id == touches.c.id)
        .where(touches.c.client_id == client, touches.c.undone_at.is_(None))
        .order_by(touches.c.at.desc(), touches.c.id.desc())
        .limit(limit)
    )
    rows = tx.execute(query).mappings().all()
    bodies = texts.get(tx, client, {row["text_sha"] for row in rows})
    return [_contact(sphere, row, bodies) for row in rows]


def last_word(tx: Connection, client: str) -> datetime | None:
    """When I was last in touch with the client."""
    mine = (touches.c.direction == Direction.OUT.value) & touches.c.undone_at.is_(None)
    query = select(func.max(touches.c.at)).where(mine, touches.c.client_id == client)
    last: datetime | None = tx.scalar(query)
    return last


def count_by_month(
    tx: Connection, since: datetime, client: str = ""
) -> dict[tuple[str, Direction], int]:
    """How many contacts there were in each month of UTC such as ``2026-11``, in each direction."""
    month = func.substr(cast(touches.c.at, String), 1, 7)
    query = (
        select(month.label("month"), touches.c.direction, func.count().label("many"))
        .where(touches.c.at >= since, touches.c.undone_at.is_(None))
        .group_by(month, touches.c.direction)
    )
    if client:
        query = query.where(touches.c.client_id == client)
    return {(row.month, Direction(row.direction)): row.many for row in tx.execute(query)}


def answers(tx: Connection, since: datetime, *, limit: int) -> list[tuple[datetime, datetime]]:
    """When the last cards appeared and when they were approved or skipped, the last answer first.

    Of each card only its last answer counts.
    """
    query = (
        select(suggestions.c.created_at, func.max(decisions.c.decided_at).label("decided_at"))
        .join(suggestions, suggestions.c.id == decisions.c.suggestion_id)
        .where(decisions.c.decided_at >= since, decisions.c.outcome.in_(_ANSWERS))
        .group_by(suggestions.c.id, suggestions.c.created_at)
        .order_by(func.max(decisions.c.id).desc())
        .limit(limit)
    )
    return [(row.created_at, row.decided_at) for row in tx.execute(query)]


_QUERY = (
    select(
        decisions,
        suggestions.c.client_id,
        suggestions.c.post_id,
        posts.c.title_sha,
        outbox.c.id.label("action_id"),
        outbox.c.state,
        outbox.c.changed_at,
        outbox.c.note_sha,
    )
    .join(suggestions, suggestions.c.id == decisions.c.suggestion_id)
    .outerjoin(posts, posts.c.id == suggestions.c.post_id)
    .outerjoin(outbox, outbox.c.decision_id == decisions.c.id)
)


def _records(tx: Connection, sphere: str, query: Any) -> list[Record]:
    rows = tx.execute(query).mappings().all()
    bodies = _bodies(tx, ((row["client_id"], [row[name] for name in _TEXTS]) for row in rows))
    acts = {row["action_id"]: row["client_id"] for row in rows if row["action_id"] is not None}
    amends = _corrections(tx, acts)
    return [_record(sphere, row, bodies, amends.get(row["action_id"], ())) for row in rows]


def _record(
    sphere: str,
    row: RowMapping,
    bodies: Mapping[tuple[str, str], str],
    amends: tuple[Correction, ...],
) -> Record:
    said = {name: bodies.get((row["client_id"], row[name] or "")) for name in _TEXTS}
    is_yes = row["outcome"] == Outcome.APPROVED.value
    return Record(
        number=row["id"],
        card=f"{sphere}-{row['suggestion_id']}",
        client=row["client_id"],
        outcome=Outcome(row["outcome"]),
        at=row["decided_at"],
        face=Face(row["face"]) if row["face"] else None,
        title=said["title_sha"],
        reason=SkipReason(row["reason"]) if row["reason"] else None,
        until=row["until"],
        choice=_choice(row, said["target_sha"] or "") if is_yes else None,
        text=said["text_sha"] if is_yes else "",
        approval_hash=row["approval_hash"] or "",
        state=ActionState(row["state"]) if row["state"] else None,
        changed_at=row["changed_at"],
        note=said["note_sha"] or "",
        corrections=amends,
    )


def _choice(row: RowMapping, target: str) -> Choice:
    return Choice(
        verb=Verb(row["verb"]),
        target_url=target,
        account=row["account_id"],
        network=row["network"],
        channel=Channel(row["channel"]),
    )


def _contact(sphere: str, row: RowMapping, bodies: Mapping[str, str]) -> Contact:
    card = row["suggestion_id"]
    touch = Touch(
        client=row["client_id"],
        at=row["at"],
        direction=Direction(row["direction"]),
        kind=row["kind"],
        suggestion=f"{sphere}-{card}" if card else None,
        text=bodies.get(row["text_sha"], ""),
    )
    state = ActionState(row["state"]) if row["state"] else None
    return Contact(touch=touch, url=row["url"] or "", state=state)


def _corrections(
    tx: Connection, clients_of: Mapping[int, str]
) -> dict[int, tuple[Correction, ...]]:
    """What was done about those acts, oldest first; each act with its client."""
    query = select(corrections).where(corrections.c.action_id.in_(clients_of))
    rows = tx.execute(query.order_by(corrections.c.id)).mappings().all()
    bodies = _bodies(tx, ((clients_of[row["action_id"]], [row["text_sha"]]) for row in rows))
    found: dict[int, tuple[Correction, ...]] = {}
    for row in rows:
        action = row["action_id"]
        correction = Correction(
            kind=Amends(row["kind"]),
            at=row["at"],
            text=bodies.get((clients_of[action], row["text_sha"])),
            face=Face(row["face"]) if row["face"] else None,
        )
        found[action] = (*found.get(action, ()), correction)
    return found


def _bodies(
    tx: Connection, wanted: Iterable[tuple[str, Sequence[str | None]]]
) -> dict[tuple[str, str], str]:
    """Texts by client and hash; forgotten ones are absent."""
    return texts.of_clients(tx, ((client, sha) for client, shas in wanted for sha in shas if sha))

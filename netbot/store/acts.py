"""Decisions, the outbox and its history: ids, hashes, verbs and times only."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from netbot.model import (
    ACTION_PATHS,
    Action,
    ActionState,
    Channel,
    Choice,
    Outcome,
    PolicyRefused,
    SkipReason,
    StoreError,
    Suggestion,
    Verb,
)
from netbot.store import texts
from netbot.store.schema import decisions, history, outbox
from netbot.store.suggestions import number


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a human said yes to."""

    choice: Choice
    platform_id: str | None
    text: str
    post_sha: str  # of the post as shown
    hash: str  # over everything that the approval binds
    not_before: datetime
    expires_at: datetime


def decide(
    tx: Connection,
    sphere: str,
    id: str,
    outcome: Outcome,
    now: datetime,
    *,
    reason: SkipReason | None = None,
    until: datetime | None = None,
) -> None:
    """Write down a decision that starts no act."""
    tx.execute(
        insert(decisions).values(
            suggestion_id=number(sphere, id),
            outcome=outcome.value,
            reason=reason.value if reason else None,
            until=until,
            decided_at=now,
        )
    )


def approve(
    tx: Connection, sphere: str, suggestion: Suggestion, approval: Approval, now: datetime
) -> None:
    """Write down an approval and its act, together.

    Raises ``PolicyRefused`` when the same act on the same target is under way or done.
    """
    choice = approval.choice
    texts.put(tx, suggestion.client, (choice.target_url, approval.text), now)
    shared: dict[str, Any] = {
        "suggestion_id": number(sphere, suggestion.id),
        "outcome": Outcome.APPROVED.value,
        "verb": choice.verb.value,
        "account_id": choice.account,
        "network": choice.network,
        "channel": choice.channel.value,
        "target_sha": texts.sha256(choice.target_url),
        "text_sha": texts.sha256(approval.text),
    }
    decision = tx.execute(
        insert(decisions)
        .values(
            **shared,
            platform_id=approval.platform_id,
            post_sha=approval.post_sha,
            approval_hash=approval.hash,
            decided_at=now,
        )
        .returning(decisions.c.id)
    ).scalar_one()
    act = insert(outbox).values(
        **shared,
        key=_key(tx, sphere, suggestion, approval.hash),
        decision_id=decision,
        client_id=suggestion.client,
        state=ActionState.PENDING.value,
        not_before=approval.not_before,
        expires_at=approval.expires_at,
        created_at=now,
        changed_at=now,
    )
    try:
        action = tx.execute(act.returning(outbox.c.id)).scalar_one()
    except IntegrityError as error:
        raise PolicyRefused(
            f"{suggestion.id}: this {choice.verb} on {choice.target_url} is already decided or "
            "done; one act happens once"
        ) from error
    _log(tx, action, None, ActionState.PENDING, now)


def move(
    tx: Connection, action: Action, state: ActionState, now: datetime, *, note: str = ""
) -> Action:
    """Bring an act from the state in which it was read into another; ``note`` says why, if asked.

    Raises ``StoreError`` when somebody else moved it first, and for a way that no act goes.
    """
    if state not in ACTION_PATHS[action.state]:
        raise StoreError(f"{action.suggestion}: no act goes from {action.state} to {state}")
    texts.put(tx, action.client, (note,), now)
    values: dict[str, Any] = {
        "state": state.value,
        "changed_at": now,
        "note_sha": texts.sha256(note) if note else None,
    }
    if state is not ActionState.UNDOING:
        values["take_back_at"] = None
    moved = tx.execute(
        update(outbox)
        .where(outbox.c.id == action.id, outbox.c.state == action.state.value)
        .values(**values)
    )
    if moved.rowcount != 1:
        raise StoreError(f"{action.suggestion} has just been changed elsewhere: look again")
    _log(tx, action.id, action.state, state, now)
    return replace(action, state=state, changed_at=now, note=note, take_back=False)


def get(tx: Connection, sphere: str, id: int) -> Action:
    """The act with that number; raises ``StoreError`` when there is none."""
    found = _load(tx, sphere, outbox.c.id == id)
    if not found:
        raise StoreError(f"there is no act {id}")
    return found[0]


def latest(tx: Connection, sphere: str, id: str) -> Action | None:
    """The newest act of a card, or None when it never had one."""
    where = outbox.c.suggestion_id == number(sphere, id)
    return next(iter(_load(tx, sphere, where)), None)


def in_state(tx: Connection, sphere: str, *states: ActionState) -> list[Action]:
    """The acts in any of those states, newest first."""
    return _load(tx, sphere, outbox.c.state.in_([state.value for state in states]))


def overdue(tx: Connection, sphere: str, now: datetime) -> list[Action]:
    """The acts that were approved too long ago and still wait."""
    where = (outbox.c.state == ActionState.PENDING.value) & (outbox.c.expires_at <= now)
    return _load(tx, sphere, where)


def count(tx: Connection) -> dict[ActionState, int]:
    """How many acts are in each state."""
    query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    return {ActionState(state): total for state, total in tx.execute(query)}


def _key(tx: Connection, sphere: str, suggestion: Suggestion, approval_hash: str) -> str:
    """What was taken back and approved once more is another act; what failed is the same one."""
    undone = (outbox.c.suggestion_id == number(sphere, suggestion.id)) & (
        outbox.c.state == ActionState.UNDONE.value
    )
    times = tx.scalar(select(func.count()).select_from(outbox).where(undone))
    name = f"{suggestion.id} {approval_hash} {times}"
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _log(
    tx: Connection, action: int, before: ActionState | None, after: ActionState, now: datetime
) -> None:
    row = {"action_id": action, "from_state": before, "to_state": after.value, "at": now}
    tx.execute(insert(history).values(row))


def _load(tx: Connection, sphere: str, where: Any) -> list[Action]:
    query = (
        select(outbox, decisions.c.approval_hash, decisions.c.post_sha)
        .join(decisions, decisions.c.id == outbox.c.decision_id)
        .where(where)
        .order_by(outbox.c.id.desc())
    )
    return [_action(tx, sphere, row) for row in tx.execute(query).mappings().all()]


def _action(tx: Connection, sphere: str, row: RowMapping) -> Action:
    shas = [row[name] for name in ("target_sha", "text_sha", "note_sha") if row[name]]
    bodies = texts.get(tx, row["client_id"], shas)
    return Action(
        id=row["id"],
        suggestion=f"{sphere}-{row['suggestion_id']}",
        client=row["client_id"],
        choice=Choice(
            verb=Verb(row["verb"]),
            target_url=bodies.get(row["target_sha"], ""),
            account=row["account_id"],
            network=row["network"],
            channel=Channel(row["channel"]),
        ),
        text=bodies.get(row["text_sha"], ""),
        approval_hash=row["approval_hash"],
        post_sha=row["post_sha"],
        key=row["key"],
        state=ActionState(row["state"]),
        created_at=row["created_at"],
        not_before=row["not_before"],
        expires_at=row["expires_at"],
        changed_at=row["changed_at"],
        take_back=row["take_back_at"] is not None,
        note=bodies.get(row["note_sha"], ""),
    )

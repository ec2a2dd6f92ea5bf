"""Decisions, the outbox and its history: ids, hashes, verbs and times only."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from netbot import log
from netbot.model import (
    ACTION_PATHS,
    CLOSED_ACTIONS,
    Action,
    ActionState,
    Channel,
    Choice,
    Face,
    Outcome,
    PolicyRefused,
    Receipt,
    SkipReason,
    StoreError,
    Suggestion,
    SuggestionState,
    Term,
    Verb,
)
from netbot.store import texts
from netbot.store.schema import decisions, history, outbox, receipts, suggestions
from netbot.store.schema import texts as bodies
from netbot.store.suggestions import number
from netbot.text import mark


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
    face: Face | None = None  # where


def decide(
    tx: Connection,
    sphere: str,
    id: str,
    outcome: Outcome,
    now: datetime,
    *,
    reason: SkipReason | None = None,
    until: datetime | None = None,
    face: Face | None = None,
) -> None:
    """Write down a decision that starts no act."""
    tx.execute(
        insert(decisions).values(
            suggestion_id=number(sphere, id),
            outcome=outcome.value,
            reason=reason.value if reason else None,
            until=until,
            decided_at=now,
            face=face,
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
            face=approval.face,
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
            mark("{card}: this {verb} on {place} is already decided or done; one act happens once"),
            card=suggestion.id,
            verb=Term(choice.verb),
            place=choice.target_url,
        ) from error
    _log(tx, action, None, ActionState.PENDING, now)


def move(
    tx: Connection, action: Action, state: ActionState, now: datetime, *, note: str = ""
) -> Action:
    """Bring an act from the state in which it was read into another; ``note`` says why, if asked.

    Raises ``StoreError`` when somebody else moved it first, and for a way that no act goes.
    """
    if state not in ACTION_PATHS[action.state]:
        raise StoreError(
            mark("{card}: no act goes from {state} to {onward}"),
            card=action.suggestion,
            state=Term(action.state),
            onward=Term(state),
        )
    note = log.redact(note)
    values: dict[str, Any] = {
        "state": state.value,
        "changed_at": now,
        "note_sha": _keep(tx, action.client, note, now) if note else None,
        "looks": 0,
        "look_at": None,
    }
    if state is not ActionState.UNDOING:
        values["take_back_at"] = None
    _change(tx, action, **values)
    _log(tx, action.id, action.state, state, now)
    return replace(action, state=state, changed_at=now, note=note, take_back=False)


def get(tx: Connection, sphere: str, id: int) -> Action:
    """The act with that number; raises ``StoreError`` when there is none."""
    found = _load(tx, sphere, outbox.c.id == id)
    if not found:
        raise StoreError(mark("there is no act {number}"), number=id)
    return found[0]


def latest(tx: Connection, sphere: str, id: str) -> Action | None:
    """The newest act of a card, or None when it never had one."""
    where = outbox.c.suggestion_id == number(sphere, id)
    return next(iter(_load(tx, sphere, where)), None)


def in_state(
    tx: Connection, sphere: str, *states: ActionState, since: datetime | None = None
) -> list[Action]:
    """The acts in any of those states, if asked only those changed since then, newest first."""
    where = outbox.c.state.in_([state.value for state in states])
    return _load(tx, sphere, where if since is None else where & (outbox.c.changed_at >= since))


def overdue(tx: Connection, sphere: str, now: datetime) -> list[Action]:
    """The acts that were approved too long ago and still wait."""
    where = (outbox.c.state == ActionState.PENDING.value) & (outbox.c.expires_at <= now)
    return _load(tx, sphere, where)


def due(tx: Connection, sphere: str, now: datetime, *, limit: int | None = None) -> list[Action]:
    """The acts that netbot may send now, those first that could have left first."""
    where = (
        (outbox.c.state == ActionState.PENDING.value)
        & (outbox.c.channel == Channel.API.value)
        & (outbox.c.not_before <= now)
        & (outbox.c.expires_at > now)
    )
    first = select(outbox.c.id).where(where).order_by(outbox.c.not_before, outbox.c.id)
    return _load(tx, sphere, outbox.c.id.in_(first.limit(limit)))[::-1]


def to_take_back(tx: Connection, sphere: str) -> list[Action]:
    """What was sent and the human wants undone, the oldest wish first."""
    where = (outbox.c.state == ActionState.SENT.value) & outbox.c.take_back_at.is_not(None)
    return _load(tx, sphere, where)[::-1]


def to_read_back(tx: Connection, sphere: str, now: datetime) -> list[tuple[Action, int]]:
    """The acts of which the network shall be asked now, and how often it has been asked."""
    query = select(outbox.c.id, outbox.c.looks).where(outbox.c.look_at <= now)
    rows = tx.execute(query.order_by(outbox.c.look_at)).all()
    return [(get(tx, sphere, row.id), row.looks) for row in rows]


def read_back_at(tx: Connection, action: Action, looks: int, look_at: datetime | None) -> None:
    """Plan when to ask next whether the act stands on its network; None: not again."""
    _change(tx, action, looks=looks, look_at=look_at)


def seen(tx: Connection, action: Action, now: datetime) -> None:
    """The act was found on its network."""
    _change(tx, action, seen_at=now, look_at=None)


def was_seen(tx: Connection, action: Action) -> bool:
    """Whether the act was ever found on its network."""
    query = select(outbox.c.seen_at).where(outbox.c.id == action.id)
    return tx.scalar(query) is not None


def postpone(tx: Connection, action: Action, until: datetime, note: str, now: datetime) -> None:
    """An approved act has to wait; ``note`` says for what."""
    _change(tx, action, not_before=until, note_sha=_keep(tx, action.client, note, now))


def put_off(tx: Connection, waits: Sequence[tuple[Action, datetime, str]], now: datetime) -> None:
    """Let many approved acts wait, each until then and for that; one that was moved is left."""
    kept = {(action.client, note) for action, _, note in waits}
    shas = {(client, note): _keep(tx, client, note, now) for client, note in kept}
    one = (outbox.c.id == bindparam("act")) & (outbox.c.state == ActionState.PENDING.value)
    rows = [
        {"act": action.id, "until": until, "note": shas[action.client, note]}
        for action, until, note in waits
    ]
    waits_for = update(outbox).where(one)
    tx.execute(waits_for.values(not_before=bindparam("until"), note_sha=bindparam("note")), rows)


def want_back(tx: Connection, action: Action, now: datetime) -> None:
    """The human wants undone what was sent."""
    _change(tx, action, take_back_at=now)


def remark(tx: Connection, action: Action, note: str, now: datetime) -> None:
    """Write a word for people beside an act."""
    _change(tx, action, note_sha=_keep(tx, action.client, note, now))


def charge(tx: Connection, action: Action, cost_micros: int) -> None:
    """Write down what the act costs, in 1e-6 USD."""
    _change(tx, action, cost_micros=cost_micros)


def receive(tx: Connection, action: Action, receipt: Receipt, now: datetime) -> None:
    """Keep what the act left on its network."""
    texts.put(tx, action.client, (receipt.url,), now)
    row = {
        "action_id": action.id,
        "ref": receipt.ref,
        "url_sha": texts.sha256(receipt.url),
        "found": receipt.found,
        "at": now,
    }
    tx.execute(insert(receipts).values(row))


def receipt_of(tx: Connection, action: Action) -> Receipt | None:
    """The newest receipt of an act, or None when it never had one."""
    query = select(receipts).where(receipts.c.action_id == action.id)
    row = tx.execute(query.order_by(receipts.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    url = texts.get(tx, action.client, (row.url_sha,)).get(row.url_sha, "")
    return Receipt(ref=row.ref, url=url, found=row.found)


def troubled(tx: Connection, sphere: str) -> list[Action]:
    """Acts that need the human, newest first: nobody knows, it failed, or it could not be undone.

    What failed needs nobody any more once its card was taken up again.
    """
    unknown = outbox.c.state.in_([ActionState.UNSURE.value, ActionState.UNDO_UNSURE.value])
    tried = select(history.c.action_id).where(history.c.to_state == ActionState.UNDOING.value)
    sent = outbox.c.state == ActionState.SENT.value
    remarked = sent & outbox.c.note_sha.is_not(None) & outbox.c.id.in_(tried)
    still_approved = outbox.c.suggestion_id.in_(
        select(suggestions.c.id).where(suggestions.c.state == SuggestionState.APPROVED.value)
    )
    newest = outbox.c.id.in_(select(func.max(outbox.c.id)).group_by(outbox.c.suggestion_id))
    failed = (outbox.c.state == ActionState.FAILED.value) & still_approved & newest
    return _load(tx, sphere, unknown | remarked | failed)


def live_targets(tx: Connection) -> set[str]:
    """The addresses on which an act is decided, under way or done."""
    here = (bodies.c.sha256 == outbox.c.target_sha) & (bodies.c.client_id == outbox.c.client_id)
    closed = [state.value for state in CLOSED_ACTIONS]
    query = select(bodies.c.body).join(outbox, here).where(outbox.c.state.not_in(closed))
    return set(tx.scalars(query))


def last_step(tx: Connection) -> int:
    """A number that grows with every step of any act."""
    return tx.scalar(select(func.max(history.c.id))) or 0


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


def _keep(tx: Connection, client: str, note: str, now: datetime) -> str:
    """What networks say may quote a secret."""
    clean = log.redact(note)
    texts.put(tx, client, (clean,), now)
    return texts.sha256(clean)


def _change(tx: Connection, action: Action, **values: object) -> None:
    """Only in the state in which it was read. Raises ``StoreError`` when it was moved since."""
    mine = (outbox.c.id == action.id) & (outbox.c.state == action.state.value)
    if tx.execute(update(outbox).where(mine).values(**values)).rowcount != 1:
        raise StoreError(
            mark("{card} has just been changed elsewhere: look again"), card=action.suggestion
        )


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

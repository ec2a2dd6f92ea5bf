"""The third verb: hand approved acts over, and remember what became of them."""

from datetime import datetime

from netbot.crash import crash_point
from netbot.engine import peace
from netbot.engine.decide import Hall
from netbot.engine.queue import handed_off
from netbot.model import (
    Action,
    ActionState,
    Channel,
    Direction,
    Handoff,
    PolicyRefused,
    Refused,
    SuggestionState,
    Term,
    Touch,
    Verb,
)
from netbot.store import Store, Tx, acts, holds, suggestions, touches
from netbot.text import mark


def settle(store: Store, now: datetime) -> int:
    """Let time have its say: cards expire and wake, approvals too old are withdrawn.

    Cards of a client who is left in peace stay where they are, unseen, as long as it may have
    been a false alarm. Returns how many rows changed. Silence never means yes.
    """
    with store.write() as tx:
        quiet = holds.quiet(tx, now)
        changed = suggestions.wake(tx, now) + suggestions.expire(tx, now, quiet=quiet)
        for action in acts.overdue(tx, store.sphere, now):
            acts.move(tx, action, ActionState.WITHDRAWN, now)
            is_held = action.client in quiet and action.choice.verb is not Verb.GESTURE
            after = SuggestionState.WAITING if is_held else SuggestionState.EXPIRED
            suggestions.move(tx, store.sphere, action.suggestion, after)
            changed += 1
        crash_point("before what time has changed is committed")
    crash_point("what time has changed is committed")
    return changed


def hand_off(store: Store, hall: Hall, id: str, now: datetime) -> tuple[Action, Handoff]:
    """Give the human the address and the text of an approved act; asking again is harmless.

    Raises ``PolicyRefused`` when the card has no act that waits for the human, or its client is
    left in peace.
    """
    with store.write() as tx:
        action = _handoff_of(tx, store.sphere, id, ActionState.PENDING, ActionState.HANDED_OFF)
        if action.choice.verb is not Verb.GESTURE:
            peace.require_public(tx, hall.house, action.client, now)
        account = hall.house.account(action.choice.account)
        handoff = hall.handoffs[action.choice.network].handoff(action, account)
        if action.state is ActionState.PENDING:
            if action.expires_at <= now:
                raise PolicyRefused(
                    mark("{card}: the approval has expired; decide again if you still mean it"),
                    card=id,
                )
            acts.move(tx, action, ActionState.HANDED_OFF, now)
            action = _handoff_of(tx, store.sphere, id, ActionState.HANDED_OFF)
    return action, handoff


def perform(store: Store, hall: Hall, now: datetime) -> list[tuple[Action, Handoff | Refused]]:
    """Do what is due: hand over every approved act that waits for the human's own browser.

    An address that cannot be opened safely comes with its refusal and stops no other act.
    """
    settle(store, now)
    due = handed_off(store, hall.house, now)
    return [_try_to_hand_off(store, hall, action, now) for action in due]


def _try_to_hand_off(
    store: Store, hall: Hall, action: Action, now: datetime
) -> tuple[Action, Handoff | Refused]:
    try:
        return hand_off(store, hall, action.suggestion, now)
    except Refused as refused:
        return action, refused


def confirm(store: Store, id: str, now: datetime) -> Action:
    """The human has done it, or has seen it done: the act is closed and counts as a touch.

    Of an act that netbot sent and nobody is sure of it says "it stands there", of one that netbot
    took back "it is gone". Raises ``PolicyRefused`` when nothing of that card waits for an answer.
    """
    with store.write() as tx:
        doubtful = _doubtful(tx, store.sphere, id)
        if doubtful is not None:
            action = _confirm_doubtful(tx, store.sphere, doubtful, now)
        else:
            action = _confirm_handoff(tx, store.sphere, id, now)
        crash_point("before done is committed")
    crash_point("done is committed")
    return action


def touch_of(action: Action, now: datetime) -> Touch:
    """The contact that an act is, once it has happened."""
    return Touch(
        client=action.client,
        at=now,
        direction=Direction.OUT,
        kind=action.choice.verb.value,
        suggestion=action.suggestion,
        text=action.text,
    )


def decline(store: Store, id: str, now: datetime) -> Action:
    """The human has not done it and will not: the target is free again.

    Of an act that nobody is sure of it says "it is not there", of one that netbot took back "it
    still stands". Raises ``PolicyRefused`` when nothing of that card waits to be done.
    """
    with store.write() as tx:
        doubtful = _doubtful(tx, store.sphere, id)
        if doubtful is not None:
            sent = doubtful.state is ActionState.UNDO_UNSURE
            after = ActionState.SENT if sent else ActionState.FAILED
            action = acts.move(tx, doubtful, after, now)
        else:
            action = _decline_handoff(tx, store.sphere, id, now)
        crash_point("before not-done is committed")
    crash_point("not-done is committed")
    return action


def _doubtful(tx: Tx, sphere: str, id: str) -> Action | None:
    suggestions.get(tx, sphere, id)
    action = acts.latest(tx, sphere, id)
    unsure = (ActionState.UNSURE, ActionState.UNDO_UNSURE)
    return action if action is not None and action.state in unsure else None


def _confirm_doubtful(tx: Tx, sphere: str, action: Action, now: datetime) -> Action:
    if action.state is ActionState.UNDO_UNSURE:
        touches.undo(tx, sphere, action.suggestion, now)
        return acts.move(tx, action, ActionState.UNDONE, now)
    touches.add(tx, sphere, touch_of(action, now))
    return acts.move(tx, action, ActionState.SENT, now)


def _confirm_handoff(tx: Tx, sphere: str, id: str, now: datetime) -> Action:
    action = _handoff_of(tx, sphere, id, ActionState.PENDING, ActionState.HANDED_OFF)
    if action.state is ActionState.PENDING:
        acts.move(tx, action, ActionState.HANDED_OFF, now)
        action = _handoff_of(tx, sphere, id, ActionState.HANDED_OFF)
    if not action.choice.is_look_in:  # to look is no contact
        touches.add(tx, sphere, touch_of(action, now))
    return acts.move(tx, action, ActionState.CONFIRMED, now)


def _decline_handoff(tx: Tx, sphere: str, id: str, now: datetime) -> Action:
    action = _handoff_of(tx, sphere, id, ActionState.PENDING, ActionState.HANDED_OFF)
    begun = action.state is ActionState.HANDED_OFF
    return acts.move(tx, action, ActionState.DECLINED if begun else ActionState.WITHDRAWN, now)


def _handoff_of(tx: Tx, sphere: str, id: str, *states: ActionState) -> Action:
    suggestions.get(tx, sphere, id)
    action = acts.latest(tx, sphere, id)
    if action is None or action.choice.channel is not Channel.HANDOFF:
        raise PolicyRefused(mark("{card} has nothing to hand over: approve it first"), card=id)
    if action.state not in states:
        raise PolicyRefused(
            mark("{card}: this act is {state} already"), card=id, state=Term(action.state)
        )
    return action

"""The third verb: hand approved acts over, and remember what became of them."""

from datetime import datetime

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
    Touch,
)
from netbot.store import Store, Tx, acts, suggestions, touches


def settle(store: Store, now: datetime) -> int:
    """Let time have its say: cards expire and wake, approvals too old are withdrawn.

    Returns how many rows changed. Silence never means yes.
    """
    with store.write() as tx:
        changed = suggestions.wake(tx, now) + suggestions.expire(tx, now)
        for action in acts.overdue(tx, store.sphere, now):
            acts.move(tx, action, ActionState.WITHDRAWN, now)
            suggestions.move(tx, store.sphere, action.suggestion, SuggestionState.EXPIRED)
            changed += 1
    return changed


def hand_off(store: Store, hall: Hall, id: str, now: datetime) -> tuple[Action, Handoff]:
    """Give the human the address and the text of an approved act; asking again is harmless.

    Raises ``PolicyRefused`` when the card has no act that waits for the human.
    """
    with store.write() as tx:
        action = _handoff_of(tx, store.sphere, id, ActionState.PENDING, ActionState.HANDED_OFF)
        account = hall.house.account(action.choice.account)
        handoff = hall.handoffs[action.choice.network].handoff(action, account)
        if action.state is ActionState.PENDING:
            if action.expires_at <= now:
                raise PolicyRefused(
                    f"{id}: the approval has expired; decide again if you still mean it"
                )
            acts.move(tx, action, ActionState.HANDED_OFF, now)
            action = _handoff_of(tx, store.sphere, id, ActionState.HANDED_OFF)
    return action, handoff


def perform(store: Store, hall: Hall, now: datetime) -> list[tuple[Action, Handoff | Refused]]:
    """Do what is due: hand over every approved act that waits for the human's own browser.

    An address that cannot be opened safely comes with its refusal and stops no other act.
    """
    settle(store, now)
    return [_try_to_hand_off(store, hall, action, now) for action in handed_off(store)]


def _try_to_hand_off(
    store: Store, hall: Hall, action: Action, now: datetime
) -> tuple[Action, Handoff | Refused]:
    try:
        return hand_off(store, hall, action.suggestion, now)
    except Refused as refused:
        return action, refused


def confirm(store: Store, id: str, now: datetime) -> Action:
    """The human has done it: the act is closed and counts as a touch.

    Raises ``PolicyRefused`` when nothing of that card waits to be done.
    """
    with store.write() as tx:
        action = _handoff_of(tx, store.sphere, id, ActionState.PENDING, ActionState.HANDED_OFF)
        if action.state is ActionState.PENDING:
            acts.move(tx, action, ActionState.HANDED_OFF, now)
            action = _handoff_of(tx, store.sphere, id, ActionState.HANDED_OFF)
        acts.move(tx, action, ActionState.CONFIRMED, now)
        touches.add(
            tx,
            store.sphere,
            Touch(
                client=action.client,
                at=now,
                direction=Direction.OUT,
                kind=action.choice.verb.value,
                suggestion=id,
                text=action.text,
            ),
        )
        return _handoff_of(tx, store.sphere, id, ActionState.CONFIRMED)


def decline(store: Store, id: str, now: datetime) -> Action:
    """The human has not done it and will not: the target is free again.

    Raises ``PolicyRefused`` when nothing of that card waits to be done.
    """
    with store.write() as tx:
        action = _handoff_of(tx, store.sphere, id, ActionState.PENDING, ActionState.HANDED_OFF)
        after = (
            ActionState.WITHDRAWN if action.state is ActionState.PENDING else ActionState.DECLINED
        )
        acts.move(tx, action, after, now)
        return _handoff_of(tx, store.sphere, id, after)


def _handoff_of(tx: Tx, sphere: str, id: str, *states: ActionState) -> Action:
    suggestions.get(tx, sphere, id)
    action = acts.latest(tx, sphere, id)
    if action is None or action.choice.channel is not Channel.HANDOFF:
        raise PolicyRefused(f"{id} has nothing to hand over: approve it first")
    if action.state not in states:
        raise PolicyRefused(f"{id}: this act is {action.state} already")
    return action

"""What waits for the human today."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from netbot.clock import day_bounds
from netbot.engine import peace
from netbot.model import Action, ActionState, Channel, House, Suggestion, Verb
from netbot.store import Store, acts, suggestions

#: For how long the outbox lists what was sent.
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The cards of one local date."""

    cards: tuple[Suggestion, ...]  # best first, as many as the day still holds
    more: int  # further cards that wait for another day
    decided: int  # cards decided today; they count against the daily limit


def queue(store: Store, house: House, now: datetime, *, everything: bool = False) -> Queue:
    """The cards that a human may decide now, within the house's daily limit.

    With ``everything`` the limit does not count. Clients who are left in peace have no cards here
    but the personal one.
    """
    start, end = day_bounds(now, house.time_zone)
    with store.read() as tx:
        decided = suggestions.decided_between(tx, start, end)
        room = None if everything else max(0, house.daily_limit - decided)
        quiet = peace.quiet(tx, house, now)
        cards = suggestions.showing(tx, store.sphere, now, quiet=quiet, limit=room)
        total = suggestions.count_showing(tx, now, quiet=quiet)
    return Queue(cards=tuple(cards), more=total - len(cards), decided=decided)


def handed_off(store: Store, house: House, now: datetime) -> list[Action]:
    """The acts that the human has begun or can begin in the own browser, oldest first.

    Those for clients who are left in peace are ``held``, those for later ``put_off``; neither is
    among them.
    """
    return [each for each in _free(store, house, now) if each.not_before <= now]


def put_off(store: Store, house: House, now: datetime) -> list[Action]:
    """The acts by hand that the human will do later, oldest first."""
    return [each for each in _free(store, house, now) if each.not_before > now]


def held(store: Store, house: House, now: datetime) -> list[Action]:
    """The acts by hand that rest because their client is left in peace, oldest first."""
    return [action for action, is_held in _by_hand(store, house, now) if is_held]


def _free(store: Store, house: House, now: datetime) -> list[Action]:
    return [action for action, is_held in _by_hand(store, house, now) if not is_held]


def _by_hand(store: Store, house: House, now: datetime) -> list[tuple[Action, bool]]:
    with store.read() as tx:
        found = acts.in_state(tx, store.sphere, ActionState.PENDING, ActionState.HANDED_OFF)
        quiet = peace.quiet(tx, house, now)
    return [
        (action, action.client in quiet and action.choice.verb is not Verb.GESTURE)
        for action in reversed(found)
        if action.choice.channel is Channel.HANDOFF
    ]


def outbox(store: Store) -> list[Action]:
    """What was approved and netbot will send itself, in the order in which it may leave."""
    with store.read() as tx:
        found = acts.in_state(tx, store.sphere, ActionState.PENDING, ActionState.SENDING)
    mine = [action for action in found if action.choice.channel is Channel.API]
    return sorted(mine, key=lambda action: (action.not_before, action.id))


def sent(store: Store, now: datetime) -> list[Action]:
    """What netbot has sent in the last 30 days, newest first; also what was taken back again."""
    with store.read() as tx:
        return acts.in_state(
            tx,
            store.sphere,
            ActionState.SENT,
            ActionState.UNDOING,
            ActionState.UNDONE,
            since=now - KEPT,
        )


def done_by_hand(store: Store, now: datetime) -> list[Action]:
    """What the human has done in the own browser in the last 30 days, newest first."""
    with store.read() as tx:
        found = acts.in_state(tx, store.sphere, ActionState.CONFIRMED, since=now - KEPT)
    return [action for action in found if not action.choice.is_look_in]


def troubles(store: Store) -> list[Action]:
    """Acts that need the human: nobody knows, it failed, or it could not be taken back."""
    with store.read() as tx:
        return acts.troubled(tx, store.sphere)

"""What waits for the human today."""

from dataclasses import dataclass
from datetime import datetime

from netbot.clock import day_bounds
from netbot.model import Action, ActionState, Channel, House, Suggestion
from netbot.store import Store, acts, suggestions


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The cards of one local date."""

    cards: tuple[Suggestion, ...]  # best first, as many as the day still holds
    more: int  # further cards that wait for another day
    decided: int  # cards decided today; they count against the daily limit


def queue(store: Store, house: House, now: datetime, *, everything: bool = False) -> Queue:
    """The cards that a human may decide now, within the house's daily limit.

    With ``everything`` the limit does not count.
    """
    start, end = day_bounds(now, house.time_zone)
    with store.read() as tx:
        decided = suggestions.decided_between(tx, start, end)
        room = None if everything else max(0, house.daily_limit - decided)
        cards = suggestions.showing(tx, store.sphere, now, limit=room)
        total = suggestions.count_showing(tx, now)
    return Queue(cards=tuple(cards), more=total - len(cards), decided=decided)


def handed_off(store: Store) -> list[Action]:
    """The acts that the human has begun or can begin in the own browser, oldest first."""
    with store.read() as tx:
        found = acts.in_state(tx, store.sphere, ActionState.PENDING, ActionState.HANDED_OFF)
    return [action for action in reversed(found) if action.choice.channel is Channel.HANDOFF]


def outbox(store: Store) -> list[Action]:
    """What was approved and netbot will send itself, in the order in which it may leave."""
    with store.read() as tx:
        found = acts.in_state(tx, store.sphere, ActionState.PENDING, ActionState.SENDING)
    mine = [action for action in found if action.choice.channel is Channel.API]
    return sorted(mine, key=lambda action: (action.not_before, action.id))


def troubles(store: Store) -> list[Action]:
    """Acts that need the human: nobody knows, it failed, or it could not be taken back."""
    with store.read() as tx:
        return acts.troubled(tx, store.sphere)

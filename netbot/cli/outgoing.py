"""What was approved and is not over, for a terminal and for scripts."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from netbot import clock
from netbot.app import wire
from netbot.cli.paint import client_name, describe, fold, local_time
from netbot.model import Action, ActionState
from netbot.text import STATES, Texts, mark

if TYPE_CHECKING:
    from netbot.app import Sphere

#: What the human can do about an act, by its state.
NEXT = {
    ActionState.PENDING: mark("Call it back: netbot undo {id}"),
    ActionState.HANDED_OFF: mark("Done before? netbot done {id}"),
    ActionState.SENDING: mark("It is leaving now."),
    ActionState.UNSURE: mark(
        "Look at {place}. It stands there: netbot done {id}; it does not: netbot not-done {id}"
    ),
    ActionState.UNDO_UNSURE: mark(
        "Look at {place}. It is gone: netbot done {id}; it still stands: netbot not-done {id}"
    ),
    ActionState.FAILED: mark("Decide again: netbot undo {id}"),
    ActionState.SENT: mark("It still stands at {place}; take it down there."),
}


def tell_outbox(sphere: "Sphere", texts: Texts) -> Iterator[str]:
    """The same in lines; what needs the human is marked."""
    from netbot import engine

    _ = texts.get
    later = engine.put_off(sphere.store, sphere.house, clock.now())
    for action in (*engine.outbox(sphere.store), *later):
        yield from _tell(action, sphere, texts, "  · ")
    for action in engine.troubles(sphere.store):
        yield from _tell(action, sphere, texts, "  ! ")


def peace_to_json(sphere: "Sphere", now: datetime) -> list[dict[str, Any]]:
    """The clients who are left in peace."""
    from netbot import engine

    return [
        {"client": hold.client, "until": wire.moment(hold.until)}
        for hold in engine.left_in_peace(sphere.store, now)
    ]


def tell_peace(sphere: "Sphere", texts: Texts, now: datetime) -> Iterator[str]:
    """The same in lines."""
    from netbot import engine

    said = texts.get("{client} is left in peace until {day}")
    for hold in engine.left_in_peace(sphere.store, now):
        client = client_name(hold.client, sphere.house)
        yield "  " + said.format(client=client, day=local_time(hold.until, sphere.house)[:10])


def _mark(said: str, bullet: str) -> Iterator[str]:
    first, *rest = fold(said, " " * len(bullet))
    yield bullet + first.lstrip()
    yield from rest


def _tell(action: Action, sphere: "Sphere", texts: Texts, bullet: str) -> Iterator[str]:
    _ = texts.get
    state = _(STATES[action.state.value])
    if action.state is ActionState.PENDING:
        state = _("leaves {time}").format(time=local_time(action.not_before, sphere.house))
    elif action.state is ActionState.HANDED_OFF:
        state = _("by hand, again {time}").format(time=local_time(action.not_before, sphere.house))
    what = describe(action.choice, sphere.house, texts)
    said = f"{action.suggestion} · {client_name(action.client, sphere.house)} · {what}: {state}"
    yield from _mark(said, bullet)
    if action.note:
        yield from fold(_(action.note), "    ")
    after = _(NEXT[action.state])
    yield from fold(after.format(id=action.suggestion, place=action.choice.target_url), "    ")

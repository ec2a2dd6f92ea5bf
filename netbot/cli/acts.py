"""Commands about acts: handing them over, and what became of them."""

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netbot import app, clock
from netbot.app import Sphere, wire
from netbot.cli.paint import paint_slip, tell_act
from netbot.cli.place import (
    HomeOption,
    IdArgument,
    JsonOption,
    Place,
    SphereOption,
    add,
    place,
    texts_of,
)
from netbot.cli.sending import brought, end, send
from netbot.model import Refused, StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from netbot.model import Action
    from netbot.store import Store


def register(root: typer.Typer) -> None:
    """Add these commands."""
    add(root, perform)
    add(root, done)
    add(root, not_done, "not-done")


def perform(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, then return.")] = False,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send what is due, and list what is yours to do."""
    if not once:
        raise UsageError("say --once: `netbot run` is what keeps going")
    here = place(home, sphere, as_json=as_json)
    outcomes = send(here, "perform", secrets=True)
    told = brought(outcomes)
    slips = [each.text for each in told if each.value] or [each.text for each in told][-1:]
    items = [item for each in told for item in each.value]
    here.answer({"version": wire.VERSION, "items": items}, "\n\n".join(slips))
    end(outcomes)


def perform_here(here: Place) -> tuple[list[dict[str, Any]], str, int]:
    """The errand: what is due in the one sphere of ``here``, with its secrets."""
    from netbot import engine

    items, slips, refused = [], [], False
    [name] = here.spheres
    with app.open_sphere(here.home, name, clock.now(), secrets=True) as opened:
        _send(opened)
        for action, handoff in engine.perform(opened.store, opened.hall, clock.now()):
            items.append(wire.act(action, handoff) | {"sphere": opened.name})
            slips.append(paint_slip(action, handoff, opened.house, texts_of(opened)))
            refused = refused or isinstance(handoff, Refused)
        _ = texts_of(opened).get
        return items, "\n\n".join(slips) or _("Nothing waits to be done."), 4 if refused else 0


def _send(opened: Sphere) -> None:
    """Send what is due by API, unless a daemon is there that does."""
    from netbot import engine

    now, actors = clock.now(), opened.actors
    with ExitStack() as held:
        try:
            held.enter_context(opened.store.alone("executor", wait=False))
        except StoreError:
            return
        able = engine.vouch(opened.store, opened.house, actors, now)
        engine.send(opened.store, opened.hall, able, now)
        engine.release(opened.store, opened.hall)


def done(
    id: IdArgument,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that you have done it in your browser, or see it done.

    Of an act of which nobody knows whether it arrived: it did.
    """
    from netbot import engine

    _close(engine.confirm, id, home, sphere, as_json=as_json)


def not_done(
    id: IdArgument,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that you will not do it, or that it is not there.

    Of an act of which nobody knows whether it arrived: it did not.
    """
    from netbot import engine

    _close(engine.decline, id, home, sphere, as_json=as_json)


def _close(
    closing: "Callable[[Store, str, datetime], Action]",
    id: str,
    home: HomeOption,
    sphere: SphereOption,
    *,
    as_json: bool,
) -> None:
    here = place(home, sphere, as_json=as_json)
    with here.open_of(id) as opened:
        action = closing(opened.store, id, clock.now())
        here.answer(wire.act(action), tell_act(action, texts_of(opened)))

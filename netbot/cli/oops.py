"""An act was a mistake: what helps, and what the log keeps of it."""

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netbot import clock
from netbot.cli import wire
from netbot.cli.paint import bold, describe, fold, local_time
from netbot.cli.place import HomeOption, IdArgument, JsonOption, SphereOption, add, place, texts_of
from netbot.model import Amends, House, UsageError
from netbot.text import AMENDS, STATES, Texts, mark

if TYPE_CHECKING:
    from netbot.engine import Remedy

#: What to type next, by what helps.
NEXT = {
    "stop": mark("Call it back: netbot undo {id}"),
    "in-hand": mark(
        "Not posted: netbot undo {id}. Posted, and gone now: netbot oops {id} --deleted"
    ),
    "look": mark("It stands there: netbot done {id}. It does not: netbot not-done {id}"),
    "undo-look": mark("It is gone: netbot done {id}. It still stands: netbot not-done {id}"),
    "take-back": mark("Take it back: netbot undo {id}"),
    "delete": mark("When it is gone: netbot oops {id} --deleted"),
    "ask": mark("When it is gone: netbot oops {id} --deleted"),
}


def register(root: typer.Typer) -> None:
    """Add this command."""
    add(root, oops)


def oops(
    id: IdArgument,
    deleted: Annotated[bool, typer.Option("--deleted", help="You deleted it there.")] = False,
    apologised: Annotated[
        bool, typer.Option("--apologised", help="You wrote to them; --text is what.")
    ] = False,
    text: Annotated[
        str, typer.Option("--text", help="Your words to them, or what went wrong.")
    ] = "",
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what helps when an act was a mistake.

    With an option, it writes into the log what you have done about it.
    """
    from netbot import engine

    if deleted and apologised:
        raise UsageError("say one thing at a time: --deleted, then --apologised")
    here = place(home, sphere, as_json=as_json)
    kind = Amends.DELETED if deleted else Amends.APOLOGISED if apologised else None
    kind = kind or (Amends.NOTED if text else None)
    with here.open_of(id) as opened:
        if kind is not None:
            engine.correct(opened.store, opened.hall, id, kind, clock.now(), text=text)
        remedy = engine.remedy(opened.store, opened.hall, id, clock.now())
        told = "\n".join(paint_remedy(remedy, opened.house, texts_of(opened)))
        here.answer(_to_json(remedy), told)


def _to_json(remedy: "Remedy") -> dict[str, Any]:
    return {
        "version": wire.VERSION,
        **wire.act(remedy.action),
        "help": remedy.help.value,
        "steps": [step.format(**remedy.facts) for step in remedy.steps],
        "place": remedy.place,
        "apology": remedy.apology,
        "corrections": [
            {"kind": each.kind.value, "at": wire.moment(each.at), "text": each.text}
            for each in remedy.corrections
        ],
    }


def paint_remedy(remedy: "Remedy", house: House, texts: Texts) -> Iterator[str]:
    """What helps, for a terminal."""
    from netbot.engine import HELPS

    _ = texts.get
    action = remedy.action
    state = _(STATES[action.state.value])
    yield bold(f"{action.suggestion} · {describe(action.choice, house, texts)}: {state}")
    yield from fold(_(HELPS[remedy.help]))
    if remedy.steps and remedy.place:
        yield f"  {_('Open:')} {remedy.place}"
    for number, step in enumerate(remedy.steps, 1):
        yield from fold(f"{number}. {_(step).format(**remedy.facts)}", "  ")
    after = NEXT.get("undo-look" if action.state == "undo_unsure" else remedy.help.value)
    if after:
        yield from fold(_(after).format(id=action.suggestion))
    if remedy.apology:
        yield _("A word to them, one to one, in your own words:")
        yield textwrap.indent(remedy.apology, "  ")
        command = f"netbot oops {action.suggestion} --apologised"
        yield from fold(_("Written? {command}").format(command=command))
    for each in remedy.corrections:
        words = _("forgotten") if each.text is None else each.text
        yield f"  {local_time(each.at, house)} {_(AMENDS[each.kind.value])} {words}".rstrip()

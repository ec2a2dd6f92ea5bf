"""Noting what netbot had no part in."""

from typing import Annotated, Any

import typer

from netbot import clock
from netbot.app import Sphere, wire
from netbot.cli.cards import whose
from netbot.cli.paint import client_name, local_time
from netbot.cli.place import HomeOption, JsonOption, SphereOption, add, place, texts_of
from netbot.model import Touch, UsageError
from netbot.text import Texts


def register(root: typer.Typer) -> None:
    """Add this command."""
    add(root, note)


def note(
    id: Annotated[str, typer.Argument(help="A client, or a card such as professional-17.")],
    had_contact: Annotated[
        bool, typer.Option("--had-contact", help="You wrote, called or met.")
    ] = False,
    at: Annotated[
        str, typer.Option("--at", help="2026-11-20, today, yesterday or 3d (days ago).")
    ] = "today",
    text: Annotated[str, typer.Option("--text", help="What it was about.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="The last one was a mistake.")] = False,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note that you were in touch with a client.

    It stands on their timeline and counts as a word of yours; --undo takes the last one back.
    """
    from netbot import engine
    from netbot.store import suggestions

    if had_contact == undo:
        raise UsageError("say --had-contact, or --undo to take the last such note back")
    here, now = place(home, sphere, as_json=as_json), clock.now()
    name, is_card = whose(here, id)
    with here.open(name) as opened:
        client = id
        if is_card:
            with opened.store.read() as tx:
                client = suggestions.get(tx, name, id).client
        if undo:
            number = engine.last_contact(opened.store, client)
            engine.undo_contact(opened.store, number, now)
        else:
            day = clock.parse_day(at, now, opened.house.time_zone)
            number = engine.note_contact(opened.store, opened.house, client, day, now, text=text)
        touch, counts = engine.contact(opened.store, number)
        told = tell_contact(touch, counts, opened, texts_of(opened))
        here.answer(_to_json(name, touch, counts=counts), told)


def tell_contact(touch: Touch, counts: bool, sphere: Sphere, texts: Texts) -> str:
    """A contact that was just noted, or taken back."""
    _ = texts.get
    noted = _("Noted: you were in touch with {client} on {day}.")
    said = noted if counts else _("No longer noted: {client}, {day}.")
    day = local_time(touch.at, sphere.house)[:10]
    return said.format(client=client_name(touch.client, sphere.house), day=day)


def _to_json(sphere: str, touch: Touch, *, counts: bool) -> dict[str, Any]:
    return {
        "version": wire.VERSION,
        "sphere": sphere,
        "client": touch.client,
        "at": wire.moment(touch.at),
        "text": touch.text,
        "counts": counts,
    }

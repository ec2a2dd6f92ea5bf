"""Commands about cards: seeing them, and deciding."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from netbot import app, clock
from netbot.app import wire
from netbot.cli.keeping import tell_pause
from netbot.cli.outgoing import tell_outbox
from netbot.cli.paint import paint_card, paint_queue, tell
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
from netbot.model import Channel, House, SkipReason, Suggestion, UsageError, Verb

if TYPE_CHECKING:
    from netbot.engine import Intent


def register(root: typer.Typer) -> None:
    """Add these commands."""
    for command in (queue, show, approve, skip, snooze, undo, thank):
        add(root, command)
    add(root, false_alarm, "false-alarm")


def queue(
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Also the cards beyond the daily limit.")
    ] = False,
) -> None:
    """Show what waits for you today."""
    from netbot import engine

    here = place(home, sphere, as_json=as_json)
    now, stopped = clock.now(), app.paused(here.home)
    items, pages, told = [], [], list[str]()
    for opened in here.each():
        found = engine.queue(opened.store, opened.house, now, everything=everything)
        items += [wire.item(card, opened.house) for card in found.cards]
        page = paint_queue(found, opened.house, texts_of(opened))
        outgoing = [*tell_outbox(opened, texts_of(opened))]
        pages.append("\n".join([page, *outgoing, ""] if outgoing else [page]))
        told = tell_pause(stopped, texts_of(opened))
    value = {"version": wire.VERSION, "items": items, "paused": wire.pause(stopped)}
    here.answer(value, "\n".join([*told, *([""] if told else []), *pages]))


def show(
    id: IdArgument,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one card in full: the post, the draft, and why."""
    from netbot import engine
    from netbot.store import acts, suggestions, touches

    here = place(home, sphere, as_json=as_json)
    with here.open_of(id) as opened:
        with opened.store.read() as tx:
            card = suggestions.get(tx, opened.name, id)
            action = acts.latest(tx, opened.name, id)
            timeline = touches.of_client(tx, opened.name, card.client, limit=5)
        (taste,) = engine.explain_order(opened.store, [card.post])
        value = wire.whole(card, opened.house, action, taste)
        page = paint_card(
            card,
            opened.house,
            action,
            timeline,
            texts_of(opened),
            taste=taste,
            whole=True,
            policy=opened.policy if _leaves_by_program(card) else None,
        )
        here.answer(value, page)


def _leaves_by_program(card: Suggestion) -> bool:
    """Whether anything on the card could cost; only then the table of prices is read."""
    return any(each.channel is Channel.API for each in (card.choice, *card.alternatives))


def approve(
    id: IdArgument,
    verb: Annotated[Verb | None, typer.Option("--verb", help="Another listed act.")] = None,
    target: Annotated[str | None, typer.Option("--target", help="Another listed place.")] = None,
    account: Annotated[
        str | None, typer.Option("--account", help="Which of the listed accounts.")
    ] = None,
    text: Annotated[str | None, typer.Option("--text", help="Exactly what will be said.")] = None,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say yes to one act. What you see is what is done, once."""
    from netbot.engine import Approve

    intent = Approve(verb=verb, target_url=target, account=account, text=text)
    _decide(id, lambda _: intent, home, sphere, as_json=as_json)


def skip(
    id: IdArgument,
    why: Annotated[SkipReason, typer.Option("--why", help="Your reason; rules learn from it.")],
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say no."""
    from netbot.engine import Skip

    _decide(id, lambda _: Skip(reason=why), home, sphere, as_json=as_json)


def snooze(
    id: IdArgument,
    until: Annotated[str, typer.Option("--until", help="2026-12-24, tomorrow, monday or 3d.")],
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say later."""
    from netbot.engine import Snooze

    def mean(house: House) -> Snooze:
        return Snooze(until=clock.parse_until(until, clock.now(), house.time_zone))

    _decide(id, mean, home, sphere, as_json=as_json)


def false_alarm(
    id: IdArgument,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that it is no moment for tact; the other cards come back."""
    from netbot.engine import FalseAlarm

    _decide(id, lambda _: FalseAlarm(), home, sphere, as_json=as_json)


def undo(
    id: IdArgument,
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take your last decision back, or what netbot has sent.

    That works where the network lets it; elsewhere you are told where to do it.
    """
    from netbot.engine import Undo

    _decide(id, lambda _: Undo(), home, sphere, as_json=as_json)


def thank(
    id: Annotated[str, typer.Argument(help="A card, such as professional-17, or a client.")],
    home: HomeOption = None,
    sphere: SphereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Queue a personal thank-you for a client.

    Only you see it, and only you carry it out.
    """
    from netbot import engine
    from netbot.store import suggestions

    here = place(home, sphere, as_json=as_json)
    name, is_card = whose(here, id)
    with here.open(name) as opened:
        about, client = None, id
        if is_card:
            with opened.store.read() as tx:
                about = suggestions.get(tx, name, id)
            client = about.client
        card = engine.thank(opened.store, opened.desk, client, clock.now(), about=about)
        _ = texts_of(opened).get
        told = _("{id} waits in the queue.").format(id=card.id)
        here.answer(wire.item(card, opened.house), told)


def whose(here: Place, id: str) -> tuple[str, bool]:
    """The sphere of a card or client, and whether it is a card. Raises ``UnknownId``.

    A client who stands in several spheres is thanked in the one that ``--sphere`` names.
    """
    found = [opened.name for opened in here.each() if opened.house.client(id) is not None]
    if len(found) > 1:
        raise UsageError(f"{id} is a client in {' and '.join(found)}: say which with --sphere")
    return (found[0], False) if found else (here.sphere_of(id), True)


def _decide(
    id: str,
    mean: "Callable[[House], Intent]",
    home: HomeOption,
    sphere: SphereOption,
    *,
    as_json: bool,
) -> None:
    """Carry out what the words of the call mean in the card's house."""
    from netbot import engine
    from netbot.store import acts

    here = place(home, sphere, as_json=as_json)
    with here.open_of(id) as opened:
        intent = mean(opened.house)
        card = engine.decide(opened.store, opened.hall, id, intent, clock.now())
        with opened.store.read() as tx:
            action = acts.latest(tx, opened.name, id)
        value = wire.item(card, opened.house) | {"action": wire.act(action) if action else None}
        here.answer(value, tell(card, action, opened.house, texts_of(opened)))

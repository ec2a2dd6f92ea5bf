"""What programs read of a sphere, and what they propose: each answer as JSON, for every face."""

from datetime import datetime
from typing import Any

from netbot.app import wire
from netbot.app.finding import owners, propose
from netbot.app.homes import paused
from netbot.app.sphere import Sphere
from netbot.model import UsageError


def queue(sphere: Sphere, now: datetime, *, everything: bool = False) -> dict[str, Any]:
    """The cards of today; with ``everything`` also those beyond the daily limit."""
    from netbot import engine

    found = engine.queue(sphere.store, sphere.house, now, everything=everything)
    return {
        "version": wire.VERSION,
        "items": [wire.item(card, sphere.house) for card in found.cards],
        "paused": wire.pause(paused(sphere.home)),
    }


def card(sphere: Sphere, id: str) -> dict[str, Any]:
    """One card in full, with what became of it. Raises ``UnknownId``."""
    from netbot import engine
    from netbot.store import acts, suggestions

    with sphere.store.read() as tx:
        found = suggestions.get(tx, sphere.name, id)
        action = acts.latest(tx, sphere.name, id)
    (taste,) = engine.explain_order(sphere.store, [found.post])
    return wire.whole(found, sphere.house, action, taste)


def clients(sphere: Sphere) -> list[dict[str, Any]]:
    """The clients, and when each last heard from me."""
    from netbot.store import touches

    with sphere.store.read() as tx:
        last = touches.last(tx)
    return [wire.client(sphere.name, each, last.get(each.id)) for each in sphere.house.clients]


def outbox(sphere: Sphere, now: datetime) -> dict[str, Any]:
    """What waits to be sent, what is the human's to do, now or later, and what else needs them."""
    from netbot import engine

    waiting, astray = engine.outbox(sphere.store), engine.troubles(sphere.store)
    by_hand = engine.handed_off(sphere.store, sphere.house, now)
    later = engine.put_off(sphere.store, sphere.house, now)
    return {
        "waiting": [wire.act(action) for action in waiting],
        "by_hand": [wire.act(action) for action in by_hand],
        "later": [wire.act(action) for action in later],
        "troubles": [wire.act(action) for action in astray],
    }


def wish(
    sphere: Sphere, now: datetime, *, url: str, client: str = "", title: str = "", text: str = ""
) -> dict[str, Any]:
    """Queue a post that was found elsewhere; returns its waiting card. Nothing is approved.

    Without a ``client`` it is the one who publishes there. Raises as ``app.propose`` does, and
    ``UsageError`` when nobody can tell whose it is.
    """
    if any("\ud800" <= each <= "\udfff" for each in url + client + title + text):
        raise UsageError("half a character is no text: send whole ones")
    known = [client] if sphere.house.client(client) else []
    if not client:
        known = [each.id for each in owners(sphere, url)]
    if len(known) != 1:
        raise UsageError(_whose(sphere, client, known))
    made = propose(sphere, url, now, client=known[0], title=title, text=text)
    return {"version": wire.VERSION, "item": wire.item(made, sphere.house)}


def _whose(sphere: Sphere, client: str, known: list[str]) -> str:
    if client:
        return f"there is no client {client} in {sphere.name}"
    several = f"; {', '.join(known)} publish there" if known else ""
    return f"say whose post it is by the client's id{several}"

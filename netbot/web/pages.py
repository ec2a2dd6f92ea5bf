"""What can be read; none of it changes anything."""

from datetime import datetime

from starlette.responses import Response

from netbot import engine
from netbot.engine import Latest
from netbot.model import Client, ConfigError, Reason, Suggestion, UnknownId
from netbot.store import sources, touches
from netbot.web import entries
from netbot.web.cards import closed, face
from netbot.web.visit import Visit

#: How many contacts a client's page shows.
CONTACTS = 100


def today(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """The cards of today, or when netbot looks again, and what needs the user."""
    found = visit.queue(everything=visit.request.query_params.get("all") == "1")
    return visit.render(
        "today.html",
        status=status,
        problem=problem,
        troubles=engine.problems(visit.sphere.store, visit.sphere.house, visit.now),
        astray=entries.urgent(visit),
        frozen=engine.frozen_accounts(visit.sphere.store, visit.sphere.house),
        deaf=engine.deaf_accounts(visit.sphere.store, visit.sphere.house, visit.now),
        peace=engine.left_in_peace(visit.sphere.store, visit.now),
        faces=[face(visit, card) for card in found.cards],
        queue=found,
        is_new=not visit.sphere.house.clients,
        next_look=None if found.cards else _next_look(visit),
    )


def card(
    visit: Visit, *, key: str = "", text: str | None = None, problem: str = "", status: int = 200
) -> Response:
    """One card; with a ``problem`` it keeps what the user had chosen and typed."""
    found, action = visit.card()
    shown = face(visit, found, action, key=key, text=text, problem=problem)
    why_closed = "" if shown.is_open else closed(visit, shown)
    trace, inactive = _trace(visit, found)
    return visit.render(
        "card.html", status=status, face=shown, closed=why_closed, trace=trace, inactive=inactive
    )


def client(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """A client's timeline and last posts. Raises ``UnknownId``."""
    name = visit.request.path_params["id"]
    found = visit.sphere.house.client(name)
    with visit.sphere.store.read() as tx:
        timeline = touches.of_client(tx, visit.sphere.name, name, limit=CONTACTS)
    if found is None and not timeline:
        raise UnknownId(name, f"there is no client {name} here")
    latest, broken = _latest(visit, found)
    return visit.render(
        "client.html",
        status=status,
        client=found,
        id=name,
        timeline=timeline,
        latest=latest,
        hold=engine.hold_of(visit.sphere.store, name, visit.now),
        problem=problem or broken,
    )


def _trace(visit: Visit, card: Suggestion) -> tuple[tuple[Reason, ...], list[str]]:
    """Why there is this card, found out anew where needed; and the rules that cannot speak."""
    try:
        desk = visit.sphere.desk
        reasons = engine.trace(visit.sphere.store, desk, card, visit.now).reasons
        return reasons, [rule.name for rule in desk.rules.inactive]
    except ConfigError:
        return card.verdict.reasons, []


def _latest(visit: Visit, client: Client | None) -> tuple[list[Latest], str]:
    """The last posts as judged today, or why they cannot be: the contacts are shown anyway."""
    if client is None:
        return [], ""
    try:
        return engine.latest(visit.sphere.store, visit.sphere.desk, client, visit.now), ""
    except ConfigError as error:
        return [], str(error)


def _next_look(visit: Visit) -> datetime | None:
    with visit.sphere.store.read() as tx:
        looks = [source.next_check for source in sources.everything(tx) if source.next_check]
    return max(min(looks), visit.now) if looks else None

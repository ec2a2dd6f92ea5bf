"""What can be read; none of it changes anything."""

from datetime import datetime, timedelta

from starlette.responses import Response

from netbot import engine
from netbot.engine import Latest, SourceHealth
from netbot.model import Client, ConfigError, Reason, Suggestion, UnknownId
from netbot.store import journal as contacts
from netbot.store import sources
from netbot.web import entries, health
from netbot.web.cards import closed, face
from netbot.web.journal import plots_of_contacts
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
    """A client: contacts in both directions, sources, last posts. Raises ``UnknownId``."""
    name = visit.request.path_params["id"]
    sphere = visit.sphere
    found = sphere.house.client(name)
    with sphere.store.read() as tx:
        timeline = contacts.contacts(tx, sphere.name, name, limit=CONTACTS)
        last_word = contacts.last_word(tx, name)
    if found is None and not timeline:
        raise UnknownId(name, f"there is no client {name} here")
    latest, broken = _latest(visit, found)
    return visit.render(
        "client.html",
        status=status,
        client=found,
        id=name,
        timeline=timeline,
        may_mend=lambda each: entries.may_mend(visit, each.state, each.touch.at),
        plot=plots_of_contacts(visit, name),
        due=_due(found, last_word),
        sources=_sources_of(visit, name),
        conditions=health.CONDITIONS,
        voices=engine.voices(found, sphere.house, sphere.policy) if found else (),
        latest=latest,
        hold=engine.hold_of(sphere.store, name, visit.now),
        problem=problem or broken,
    )


def _due(client: Client | None, last_word: datetime | None) -> datetime | None:
    """When the next word is due by the client's cadence; None: there is none, or never a word."""
    if client is None or client.cadence_days is None or last_word is None:
        return None
    return last_word + timedelta(days=client.cadence_days)


def _sources_of(visit: Visit, client: str) -> list[SourceHealth]:
    found = engine.check_up(visit.sphere.store, visit.sphere.house, visit.now)
    return [each for each in found if each.watched.source.client == client]


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
        return [], visit.explain(error)


def _next_look(visit: Visit) -> datetime | None:
    with visit.sphere.store.read() as tx:
        looks = [source.next_check for source in sources.everything(tx) if source.next_check]
    return max(min(looks), visit.now) if looks else None

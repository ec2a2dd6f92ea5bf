"""What can be read; none of it changes anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from netbot import engine
from netbot.engine import Latest
from netbot.model import (
    Action,
    ActionState,
    Client,
    ConfigError,
    Handoff,
    Refused,
    Suggestion,
    UnknownId,
)
from netbot.store import sources, touches
from netbot.web.cards import closed, face
from netbot.web.visit import Visit

#: How many contacts a client's page shows.
CONTACTS = 100

#: States of an act that waits for the user's own browser.
BY_HAND = (ActionState.PENDING, ActionState.HANDED_OFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """An act in the user's hands."""

    card: Suggestion
    action: Action
    handoff: Handoff | None  # None: the address is not to be trusted
    is_begun: bool  # the user has seen it as approved

    @property
    def number(self) -> str:
        """The card's id without its sphere."""
        return self.card.id.rpartition("-")[2]


def today(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """The cards of today, or when netbot looks again, and the sources that need the user."""
    found = visit.queue(everything=visit.request.query_params.get("all") == "1")
    return visit.render(
        "today.html",
        status=status,
        problem=problem,
        troubles=engine.problems(visit.sphere.store, visit.sphere.house, visit.now),
        faces=[face(visit, card) for card in found.cards],
        queue=found,
        next_look=None if found.cards else _next_look(visit),
    )


def card(
    visit: Visit, *, key: str = "", text: str | None = None, problem: str = "", status: int = 200
) -> Response:
    """One card; with a ``problem`` it keeps what the user had chosen and typed."""
    found, action = visit.card()
    shown = face(visit, found, action, key=key, text=text, problem=problem)
    why_closed = "" if shown.is_open else closed(visit, shown)
    return visit.render("card.html", status=status, face=shown, closed=why_closed)


def outbox(visit: Visit) -> Response:
    """Everything that waits to be done by hand."""
    waiting = engine.handed_off(visit.sphere.store, visit.sphere.house, visit.now)
    return _show_slips(visit, [_slip(visit, action) for action in waiting])


def slip(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """One act to be done by hand; the card instead, when it has none."""
    _card, action = visit.card()
    if action is None or action.state not in BY_HAND:
        return card(visit, problem=problem, status=status)
    return _show_slips(visit, [_slip(visit, action)], problem=problem, status=status)


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
        problem=problem or broken,
    )


def _latest(visit: Visit, client: Client | None) -> tuple[list[Latest], str]:
    """The last posts as judged today, or why they cannot be: the contacts are shown anyway."""
    if client is None:
        return [], ""
    try:
        return engine.latest(visit.sphere.store, visit.sphere.desk, client, visit.now), ""
    except ConfigError as error:
        return [], str(error)


def _show_slips(
    visit: Visit, slips: Sequence[Slip], *, problem: str = "", status: int = 200
) -> Response:
    return visit.render("outbox.html", status=status, slips=slips, problem=problem)


def _slip(visit: Visit, action: Action) -> Slip:
    """The address is made anew each time: it comes from the database, never from a request."""
    card, _action = visit.card(action.suggestion)
    hall = visit.sphere.hall
    handoff: Handoff | None = None
    try:
        account = hall.house.account(action.choice.account)
        handoff = hall.handoffs[action.choice.network].handoff(action, account)
    except Refused:
        pass
    begun = action.state is ActionState.HANDED_OFF
    return Slip(card=card, action=action, handoff=handoff, is_begun=begun)


def _next_look(visit: Visit) -> datetime | None:
    with visit.sphere.store.read() as tx:
        looks = [source.next_check for source in sources.everything(tx) if source.next_check]
    return max(min(looks), visit.now) if looks else None

"""Contacts that the user notes: "I wrote to them yesterday"."""

from datetime import datetime
from urllib.parse import quote, urlencode

from starlette.responses import Response

from netbot import engine
from netbot.clock import parse_day
from netbot.model import UnknownId, UsageError
from netbot.web import pages
from netbot.web.deeds import UNFIT
from netbot.web.visit import Visit

#: How much of a note is kept, in characters.
LONGEST = 1_000

#: What of a list of clients is found again afterwards.
BACK = ("q", "by", "from")


def from_card(visit: Visit) -> Response:
    """In touch with a card's client; onward to that card, which still waits."""
    card, _newest = visit.card()
    at = _day(visit)
    if at is None:
        return pages.card(visit, problem=_which(visit), status=UNFIT)
    number = _note(visit, card.client, at)
    here = card.id.rpartition("-")[2]
    if card.id in visit.line():
        return visit.go(f"?noted={number}#card-{here}")
    return visit.go(f"/cards/{here}?noted={number}")


def from_client(visit: Visit) -> Response:
    """In touch with a client, said on their page or in the list. Raises ``UnknownId``."""
    client = visit.request.path_params["id"]
    if visit.sphere.house.client(client) is None:
        raise UnknownId(client, f"there is no client {client} here")
    at = _day(visit)
    if at is None:
        return pages.client(visit, problem=_which(visit), status=UNFIT)
    number = _note(visit, client, at)
    if visit.form.get("on") == "clients":
        place = {name: value for name in BACK if (value := visit.form.get(name))}
        return visit.go(f"/clients?{urlencode({'noted': number} | place)}")
    return visit.go(f"/clients/{quote(client, safe='')}?noted={number}")


def undo(visit: Visit) -> Response:
    """That was a mistake; back to where it was made. Raises ``UnknownId``."""
    number = visit.request.path_params["n"]
    touch = engine.undo_contact(visit.sphere.store, number, visit.now)
    if visit.form.get("on") == "client":
        return visit.go(f"/clients/{quote(touch.client, safe='')}?noted={number}")
    if visit.form.get("on") == "clients":
        return visit.go(f"/clients?noted={number}")
    return visit.go(f"?noted={number}")


def _day(visit: Visit) -> datetime | None:
    """When it was: the day that the button or the field names; None for no day that was."""
    day = visit.form.get("day", "")
    wanted = visit.form.get("date", "") if day == "date" else day
    try:
        return parse_day(wanted, visit.now, visit.sphere.house.time_zone)
    except UsageError:
        return None


def _which(visit: Visit) -> str:
    return visit.texts.get("Say on which day it was: today or before.")


def _note(visit: Visit, client: str, at: datetime) -> int:
    text = visit.form.get("note", "").strip()[:LONGEST]
    store, house = visit.sphere.store, visit.sphere.house
    return engine.note_contact(store, house, client, at, visit.now, text=text)

"""The queue as a feed, and its dates as a calendar, at secret addresses that can be revoked.

What stands there may be read over somebody's shoulder: titles only, and of a moment for tact not
even that. Links lead to the card, behind the login.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from netbot import app, engine
from netbot.app import tokens
from netbot.model import Suggestion, UnknownId, Verb
from netbot.ops import homeid
from netbot.store import suggestions, touches
from netbot.store.door import Right, Token
from netbot.text import translator
from netbot.web.dates import Event, calendar, plain
from netbot.web.visit import Site
from netbot.web.words import Words

ATOM = "http://www.w3.org/2005/Atom"

Page = Callable[[Site, app.Sphere, Token], str]


def routes(site: Site) -> list[Route]:
    """The addresses of this part."""
    pages: dict[str, tuple[Page, str]] = {
        tokens.QUEUE_FEED: (queue_feed, "application/atom+xml; charset=utf-8"),
        tokens.CALENDAR: (date_calendar, "text/calendar"),
    }
    return [
        Route(f"/feeds/{{secret}}/{name}", _reading(site, *page)) for name, page in pages.items()
    ]


def queue_feed(site: Site, sphere: app.Sphere, token: Token) -> str:
    """The cards of today as Atom (RFC 4287)."""
    words = _words(site, sphere)
    cards = engine.queue(sphere.store, sphere.house, site.clock()).cards
    root = ET.Element("feed", xmlns=ATOM)
    root.set("xml:lang", words.texts.language)
    _text(root, "id", _urn(sphere, "queue"))
    _text(root, "title", f"netbot · {words.sphere(sphere.name)}")
    _text(root, "updated", _stamp([token.made_at, *(card.created_at for card in cards)]))
    _text(ET.SubElement(root, "author"), "name", "netbot")
    ET.SubElement(root, "link", href=f"{site.front}{sphere.name}")
    for card in cards:
        entry = ET.SubElement(root, "entry")
        _text(entry, "id", _urn(sphere, card.id))
        _text(entry, "title", title(card, words))
        _text(entry, "updated", _stamp([card.created_at]))
        ET.SubElement(entry, "link", href=_link(site, sphere, card))
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body.decode()


def date_calendar(site: Site, sphere: app.Sphere, _token: Token) -> str:
    """What has a date: cards that come back or expire, and clients to whom a word is due."""
    words = _words(site, sphere)
    events = [*_of_cards(site, sphere, words), *_of_clients(site, sphere, words)]
    return calendar(f"netbot · {words.sphere(sphere.name)}", events, sphere.house.time_zone)


def title(card: Suggestion, words: Words) -> str:
    """Whom a card is about and, unless it is personal, what."""
    client = words.client(card.client)
    if card.choice.verb is Verb.GESTURE and not card.choice.is_look_in:
        return f"{client}: {words.verb(card.choice)}"
    return f"{client}: {words.heading(card) or words.unnamed(card)}"


def _of_cards(site: Site, sphere: app.Sphere, words: Words) -> list[Event]:
    _, now = words.texts.get, site.clock()
    quiet = engine.quiet_now(sphere.store, sphere.house, now)
    with sphere.store.read() as tx:
        cards = suggestions.open_cards(tx, sphere.name)
    events = []
    for card in cards:
        if card.client in quiet and card.choice.verb is not Verb.GESTURE:
            continue
        back = card.snoozed_until if card.snoozed_until and card.snoozed_until > now else None
        said = _("Comes back: {what}") if back else _("Expires: {what}")
        events.append(
            Event(
                uid=_urn(sphere, card.id),
                at=back or card.expires_at,
                summary=said.format(what=title(card, words)),
                changed_at=card.created_at,
                url=_link(site, sphere, card),
            )
        )
    return [each for each in events if each.at > now]


def _of_clients(site: Site, sphere: app.Sphere, words: Words) -> list[Event]:
    quiet = engine.quiet_now(sphere.store, sphere.house, site.clock())
    with sphere.store.read() as tx:
        last = touches.last(tx)
    said = words.texts.get("A word to {client} is due")
    return [
        Event(
            uid=_urn(sphere, f"due {client.id}"),
            at=last[client.id] + timedelta(days=client.cadence_days),
            summary=said.format(client=client.name),
            changed_at=last[client.id],
            url=f"{site.front}{sphere.name}/clients/{client.id}",
        )
        for client in sphere.house.clients
        if client.cadence_days and client.id in last and client.id not in quiet
    ]


def _reading(site: Site, page: Page, kind: str) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        token = site.keys.find(request.path_params["secret"])
        if token is None and site.keys.wait_s():
            wait = {"Retry-After": str(site.keys.wait_s())}
            return PlainTextResponse("Too many tries. Please wait a moment.\n", 429, wait)
        if token is None or token.right is not Right.FEED or token.sphere not in site.spheres():
            raise UnknownId("feed", "there is no such feed here")
        with app.open_sphere(site.home, token.sphere, site.clock()) as sphere:
            body = page(site, sphere, token).encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={"ETag": tag})
        return Response(body, media_type=kind, headers={"ETag": tag})

    return endpoint


def _words(site: Site, sphere: app.Sphere) -> Words:
    texts = translator(sphere.house.language)
    return Words(texts=texts, house=sphere.house, now=site.clock(), policy=sphere.policy)


def _urn(sphere: app.Sphere, name: str) -> str:
    """A name that no other home, sphere or card has, and that tells nothing."""
    return uuid5(UUID(homeid.home_id(sphere.home)), f"{sphere.name} {name}").urn


def _link(site: Site, sphere: app.Sphere, card: Suggestion) -> str:
    return f"{site.front}{sphere.name}/cards/{card.id.rpartition('-')[2]}"


def _stamp(moments: Sequence[datetime]) -> str:
    return max(moments).isoformat(timespec="seconds")


def _text(parent: ET.Element, name: str, text: str) -> None:
    """XML has no way to write most control characters (W3C XML 1.0, section 2.2)."""
    ET.SubElement(parent, name).text = plain(text)

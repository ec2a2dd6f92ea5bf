"""Looking for a card or a client by a few words."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from netbot.engine.queue import queue
from netbot.model import Client, House, Suggestion
from netbot.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What all the words occur in."""

    cards: tuple[Suggestion, ...]  # that wait, best first
    clients: tuple[Client, ...]  # by name


def find(store: Store, house: House, words: str, now: datetime) -> Found:
    """The waiting cards and the clients in which every one of the words occurs; none for none."""
    wanted = _plain(words).split()
    if not wanted:
        return Found(cards=(), clients=())
    waiting = queue(store, house, now, everything=True).cards
    clients = sorted(house.clients, key=lambda client: client.name.casefold())
    return Found(
        cards=tuple(card for card in waiting if _holds(_of_card(card, house), wanted)),
        clients=tuple(client for client in clients if _holds(_of_client(client), wanted)),
    )


def _of_card(card: Suggestion, house: House) -> str:
    post, client = card.post.post, house.client(card.client)
    name = client.name if client else ""
    return "\n".join((card.id, card.client, name, post.title, post.text, post.author, card.draft))


def _of_client(client: Client) -> str:
    places = (source.address for source in (*client.sources, *client.handles))
    return "\n".join((client.id, client.name, *client.tags, *places))


def _holds(text: str, wanted: list[str]) -> bool:
    plain = _plain(text)
    return all(word in plain for word in wanted)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()

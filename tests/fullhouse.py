"""A home in which everything is going on at once, for tests that walk through all its pages."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from netbot import app, engine
from netbot.engine import Approve, Intent, Skip, Snooze
from netbot.engine.thanks import receive, weigh
from netbot.model import (
    Account,
    Engagement,
    EngagementKind,
    Identity,
    NetbotError,
    Post,
    Refused,
    SkipReason,
    Suggestion,
    Unsure,
)
from netbot.network import Access
from netbot.store import accounts
from netbot.yamlfile import writing
from tests import told
from tests.actor import Stage, open_policy, toot
from tests.house import Shelf, days, hours

NOW = told.NOW
SPHERE = "professional"
STUDIO = Account(
    id="studio", network="mastodon", handle="@feldkamp@textstudio.example", platform_id="7"
)
TOOTS = "@acme@a.example"
CLIENTS: tuple[Mapping[str, Any], ...] = (
    {"id": "acme", "name": "ACME", "sources": [{"network": "mastodon", "address": TOOTS}]},
    {"id": "crowd", "name": "Crowded House", "sources": ["https://blogs.example/crowd/feed.xml"]},
    {"id": "grief", "name": "Eschenhof", "sources": ["https://blogs.example/grief/feed.xml"]},
    {"id": "calm", "name": "Calm Waters", "status": "resting"},
)


class FullHouse:
    """Fills a home: cards of every kind, acts in every state, everything that can go wrong."""

    def __init__(self, home: Path, language: str = "en") -> None:
        self.home = home
        self.now = NOW - days(40)
        self.shelf = Shelf()
        self.stage = Stage(Access(sphere=SPHERE, account=STUDIO, secret="s"))
        self.stage.identify()
        told.write_home(home, language)
        file = home / "config" / f"{SPHERE}.yaml"
        text = file.read_text(encoding="utf-8")
        for client in CLIENTS:
            text = writing.insert(text, "clients", client, name="clients")
        file.write_text(text, encoding="utf-8")

    def fill(self) -> None:
        """Forty days in the life of the home, the last of them ``NOW``."""
        with self._sphere() as sphere, sphere.store.write() as tx:
            accounts.pin(tx, STUDIO, Identity(platform_id="7", handle=STUDIO.handle), "m", self.now)
        self._look({})
        self.now = NOW - hours(3)
        self._look(told.story_posts(NOW, 1), toots="abcdef")
        sent, unsure, failed, back, waits, late = self._cards("acme")
        for card, ending in ((sent, None), (unsure, Unsure("lost")), (failed, Refused("no likes"))):
            self._decide(card, Approve())
            self._send(ending)
        self._decide(back, Approve())
        self._send(None)
        self.now = NOW - hours(1)
        posts = told.story_posts(NOW, 2) | {"crowd": _crowd(), "grief": [_grief()]}
        self._look(posts, toots="abcdef")
        self.now = NOW
        self._decide(waits, Approve())
        self._decide(late, Snooze(until=NOW + days(1)))
        self._by_hand()
        self._be_thanked()
        with self._sphere() as sphere, sphere.store.write() as tx:
            accounts.freeze(tx, STUDIO.id, NOW, "401: the token is not known")

    @contextmanager
    def _sphere(self, name: str = SPHERE) -> Iterator[app.Sphere]:
        with app.open_sphere(self.home, name, self.now, fresh=True) as sphere:
            mine = tuple(STUDIO if a.id == STUDIO.id else a for a in sphere.house.accounts)
            sphere.house = replace(sphere.house, accounts=mine)
            yield sphere

    def _hall(self, sphere: app.Sphere) -> engine.Hall:
        return replace(sphere.hall, policy={**sphere.policy, "mastodon": open_policy()})

    def _look(self, posts: dict[str, list[Post]], toots: str = "") -> None:
        shown = (toot(name, published_at=self.now) for name in toots)
        self.shelf.show(TOOTS, *shown)
        networks = {"web": told.Told(posts), "mastodon": self.shelf}
        for name in app.sphere_names(self.home):
            with self._sphere(name) as sphere:
                desk = replace(sphere.desk, policy=self._hall(sphere).policy)
                engine.watch(sphere.store, networks, desk, self.now)

    def _cards(self, client: str) -> list[Suggestion]:
        with self._sphere() as sphere:
            found = engine.queue(sphere.store, sphere.house, self.now, everything=True).cards
        return [card for card in found if card.client == client]

    def _decide(self, card: Suggestion, intent: Intent) -> None:
        with self._sphere() as sphere:
            engine.decide(sphere.store, self._hall(sphere), card.id, intent, self.now)

    def _send(self, ending: NetbotError | None) -> None:
        self.now += hours(0.1)
        self.stage.ending = ending
        with self._sphere() as sphere:
            engine.send(sphere.store, self._hall(sphere), {STUDIO.id: self.stage}, self.now)

    def _by_hand(self) -> None:
        begun, ready = self._cards("papiermond")
        done, skipped, *_ = self._cards("brueckentext")
        for card in (begun, ready, done):
            self._decide(card, Approve(text="So viele Bücher, und alle gut."))
        self._decide(skipped, Skip(reason=SkipReason.MOMENT))
        with self._sphere() as sphere:
            for card in (begun, done):
                engine.hand_off(sphere.store, sphere.hall, card.id, self.now)
            engine.confirm(sphere.store, done.id, self.now)

    def _be_thanked(self) -> None:
        kind = EngagementKind.SHARE
        kindness = Engagement(
            id="k",
            kind=kind,
            at=NOW,
            handle="@them@a.example",
            who_url="https://a.example/@them",
            object_url="https://a.example/@studio/1",
            text="Worth reading.",
        )
        with self._sphere() as sphere:
            client = sphere.house.client("acme")
            assert client is not None
            heard = [weigh(sphere.desk, STUDIO, client, kindness, NOW)]
            with sphere.store.write() as tx:
                receive(tx, sphere.name, sphere.desk, heard, NOW)


def _crowd() -> list[Post]:
    """So many posts at once that the house asks whether they are new."""
    return [
        _post("crowd", f"Course number {number}", "There is room left.", NOW - days(number / 4))
        for number in range(12)
    ]


def _grief() -> Post:
    text = "Unsere Gründerin ist am Sonntag verstorben. Die Trauerfeier ist am Freitag."
    return _post("grief", "Wir nehmen Abschied", text, NOW - hours(2))


def _post(blog: str, title: str, text: str, at: datetime) -> Post:
    slug = "-".join(title.lower().split())
    return told.post(blog=blog, slug=slug, title=title, text=text, language="de", at=at)

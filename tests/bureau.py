"""A small home whose feeds show what a test says, its page, and somebody who reads it."""

from pathlib import Path
from typing import Any

from netbot import app, engine
from netbot.engine import Approve, Intent
from netbot.model import ActionState, Face, Post, Receipt, Suggestion
from netbot.store import Store, acts
from netbot.web import create
from tests import told
from tests.caller import PORT, Answer, Caller
from tests.house import BLOG, SECOND, Shelf, days, post

NOW = told.NOW
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'"
WORDS = "Gern gelesen, vor allem den Schluss."
SPHERE = f"""
accounts:
  - {{id: anna-web, network: web, handle: Anna Muster}}
  - {{id: anna-linkedin, network: linkedin, handle: anna-muster}}
clients:
  - id: acme
    name: "ACME <b>GmbH</b>"
    cadence_days: 30
    tags: [key-client, "{HOSTILE[:8].replace('"', "")}"]
    sources: ["{BLOG}", "{SECOND}"]
  - {{id: other, name: Other, sources: ["https://other.example/feed"]}}
"""


class Bureau:
    """The home, and what happens in it."""

    def __init__(self, home: Path, language: str = "en") -> None:
        self.home = home
        self.now = NOW
        self.shelf = Shelf()
        for name in ("config", "rules"):
            (home / name).mkdir(parents=True)
        settings = f"language: {language}\ntime_zone: Europe/Berlin\nrules: {{shipped: false}}\n"
        (home / "config/netbot.yaml").write_text(settings)
        (home / "config/professional.yaml").write_text(SPHERE)
        for address in (BLOG, SECOND, "https://other.example/feed"):
            self.shelf.show(address)
        self.caller = Caller(create(home, port=PORT, clock=lambda: self.now))
        self.now = NOW - days(20)
        self.watch()
        self.now = NOW

    def sphere(self, face: Face | None = Face.PAGE) -> app.Sphere:
        return app.open_sphere(self.home, "professional", self.now, face=face)

    def watch(self, *shown: Post, address: str = BLOG) -> list[Suggestion]:
        """Look at the sources; the cards, newest post first."""
        self.shelf.show(address, *shown)
        with self.sphere() as sphere:
            engine.watch(sphere.store, {"web": self.shelf}, sphere.desk, self.now)
            found = engine.queue(sphere.store, sphere.house, self.now, everything=True)
        return sorted(found.cards, key=lambda card: card.id)

    def tell(self, *names: str, **facts: Any) -> list[str]:
        """The client publishes; the cards about it."""
        facts = {"published_at": self.now} | facts
        return [card.id for card in self.watch(*(post(name, **facts) for name in names))]

    def decide(self, card: str, intent: Intent, face: Face | None = Face.PAGE) -> None:
        with self.sphere(face) as sphere:
            engine.decide(sphere.store, sphere.hall, card, intent, self.now)

    def approve(self, card: str, text: str = WORDS, **facts: Any) -> None:
        self.decide(card, Approve(text=text, **facts))

    def done(self, card: str, text: str = WORDS, **facts: Any) -> None:
        """Approved, and done by hand."""
        self.approve(card, text, **facts)
        with self.sphere() as sphere:
            engine.confirm(sphere.store, card, self.now)

    def walk(self, card: str, *states: ActionState) -> None:
        """Bring the card's act along, as sending, hands and answers would."""
        with self.sphere() as sphere:
            walk(sphere.store, card, *states)

    def state(self, card: str) -> str:
        with self.sphere() as sphere, sphere.store.read() as tx:
            found = acts.latest(tx, "professional", card)
        return found.state.value if found else ""

    def get(self, path: str) -> Answer:
        return self.caller.get(f"/professional{path}")

    def press(self, page: Answer, ending: str, **changes: str) -> Answer:
        """Send the first form whose address ends so, and see where it leads."""
        return self.caller.follow(self.caller.send(page.form(ending), **changes))


def walk(store: Store, card: str, *states: ActionState) -> None:
    """Bring a card's act along, as sending, hands and answers would; what is sent has a receipt."""
    for state in states:
        with store.read() as tx:
            action = acts.latest(tx, store.sphere, card)
        assert action is not None
        with store.write() as tx:
            moved = acts.move(tx, action, state, action.changed_at)
            if (action.state, state) == (ActionState.SENDING, ActionState.SENT):
                receipt = Receipt(ref="r1", url="https://a.example/r1")
                acts.receive(tx, moved, receipt, action.changed_at)

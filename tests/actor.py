"""A network in memory that acts, and a day on which netbot may act there itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from netbot.engine import Dispatch, Hall, send
from netbot.model import (
    Account,
    Action,
    Channel,
    Client,
    Identity,
    NetbotError,
    Receipt,
    Sight,
    Source,
    Suggestion,
    Verb,
)
from netbot.network import Access, Network, NetworkPolicy
from netbot.store import accounts
from tests.house import NOON, Day, post

API = Channel.API
STUDIO = Account(id="studio", network="mastodon", handle="@studio@a.example", platform_id="7")
TOOTS = "@acme@a.example"
TOOTER = Client(
    id="acme",
    name="ACME Übersetzer GmbH",
    sources=(Source(client="acme", network="mastodon", address=TOOTS),),
)
ALL = (Verb.LIKE, Verb.SHARE, Verb.COMMENT, Verb.RECOMMEND)


def open_policy(**facts: Any) -> NetworkPolicy:
    """A network that lets programs do everything, without caps unless a test names some."""
    values: dict[str, Any] = {
        "network": "mastodon",
        "verbs": dict.fromkeys(ALL, API),
        "link": Channel.OFF,
        "text_limit": 500,
        "undo": (Verb.LIKE, Verb.SHARE, Verb.COMMENT),
        "why": "",
        "source": "",
        "checked_on": "2026-11-21",
    }
    return NetworkPolicy(**(values | facts))


class Stage(Network):
    """Remembers what was done on it; fails, hides and forgets as a test says."""

    NETWORKS = ("mastodon",)
    VERBS = frozenset(ALL)
    UNDOES = frozenset({Verb.LIKE, Verb.SHARE, Verb.COMMENT})

    def __init__(self, access: Access, *, platform_id: str = "7") -> None:
        super().__init__(access)
        self.platform_id = platform_id
        self.calls: list[str] = []  # every write request, whether it arrived or not
        self.stands: dict[str, Action] = {}  # by receipt
        self.sight: Callable[[Action], Sight] = lambda action: Sight(target="1")
        self.ending: NetbotError | None = None  # what the next writes answer
        self.note = ""  # of what is done
        self.applied = True  # whether a failing write has happened all the same
        self.hidden = False  # whether reading back shows nothing
        self.unreadable: NetbotError | None = None
        self.in_call: Callable[[], object] = lambda: None

    def whoami(self) -> Identity:
        return Identity(platform_id=self.platform_id, handle="@studio@a.example")

    def look(self, action: Action) -> Sight:
        return self.sight(action)

    def read_back(self, action: Action) -> Receipt | None:
        if self.unreadable:
            raise self.unreadable
        found = None if self.hidden else f"r{action.id}"
        return Receipt(ref=found) if found in self.stands else None

    def _perform(self, action: Action, sight: Sight) -> Receipt:
        ref = f"r{action.id}"
        self.calls.append(f"{action.choice.verb} {action.suggestion}")
        if self.ending is None or self.applied:
            self.stands[ref] = action
        self.in_call()
        if self.ending:
            raise self.ending
        return Receipt(ref=ref, url=f"https://a.example/{ref}", note=self.note)

    def _undo(self, action: Action, receipt: Receipt) -> None:
        self.calls.append(f"undo {action.suggestion}")
        if self.ending is None or self.applied:
            self.stands.pop(receipt.ref, None)
        self.in_call()
        if self.ending:
            raise self.ending


class ActingDay(Day):
    """A day whose client posts on a network that netbot may act on."""

    watches = ("web", "mastodon")

    def __init__(self, rules: Any, *, clients: Any = (), **facts: Any) -> None:
        values: dict[str, Any] = {"accounts": (STUDIO,), "undo_window_s": 60} | facts
        super().__init__(rules, clients=clients or (TOOTER,), **values)
        self.policy = {"mastodon": open_policy()}
        self.paused = False
        self.stage = Stage(Access(sphere="professional", account=STUDIO, secret="s3cret"))
        self.stage.identify()
        with self.store.write() as tx:
            identity = Identity(platform_id="7", handle=STUDIO.handle)
            accounts.pin(tx, STUDIO, identity, "mark", NOON)

    @property
    def hall(self) -> Hall:
        return replace(super().hall, paused=lambda: self.paused)

    def tell(self, *names: str, now: datetime = NOON) -> list[Suggestion]:
        """The client posts; the cards about it."""
        self.seeded()
        posts = (toot(name) for name in names)
        self.shelf.show(TOOTS, *posts)
        self.watch(now)
        return self.cards(now)

    def send(self, now: datetime) -> Dispatch:
        return send(self.store, self.hall, {"studio": self.stage}, now)


def toot(name: str, **facts: Any) -> Any:
    """A post on the network."""
    url = f"https://a.example/@acme/{name}"
    keys = (f"id:{name}", f"url:{url}")
    return post(name, **({"network": "mastodon", "url": url, "keys": keys} | facts))

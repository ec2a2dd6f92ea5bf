"""Builders that tests share: a house, a network that shows what it is told, rules, a clock."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from netbot.claims import Claims
from netbot.engine import Desk, Hall, Intent, Report, decide, queue, watch
from netbot.model import (
    Account,
    Action,
    Channel,
    Client,
    Handoff,
    House,
    NetworkError,
    Post,
    Source,
    Suggestion,
    Verb,
)
from netbot.network import Batch, Network, NetworkPolicy, Quiet
from netbot.rules.loading import Rules
from netbot.store import Store, sources
from netbot.store.sources import Watched

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # a Monday, noon in Berlin


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def post(name: str, **facts: Any) -> Post:
    """A post with an id, an address and a text of its own, published at ``NOON``."""
    values: dict[str, Any] = {
        "network": "web",
        "url": f"https://acme.example/{name}",
        "title": f"Neues aus der Werkstatt: {name}",
        "text": f"Was wir im Herbst über {name} gelernt haben und weitergeben möchten.",
        "keys": (f"id:{name}", f"url:https://acme.example/{name}", f"hash:{name}"),
        "published_at": NOON,
        "language": "de",
    }
    return Post(**(values | facts))


class Shelf(Network):
    """A network whose sources show exactly what a test puts there, or fail as it says."""

    NETWORKS = ("web",)

    def __init__(self) -> None:
        self.shown: dict[str, Batch | NetworkError] = {}
        self.cursors: list[str] = []  # what each fetch was handed

    def show(self, address: str, *posts: Post, **facts: Any) -> None:
        self.shown[address] = Batch(posts=posts, **({"cursor": "next"} | facts))

    def fail(self, address: str, error: NetworkError) -> None:
        self.shown[address] = error

    def fetch(self, source: Source, cursor: str) -> Batch:
        self.cursors.append(cursor)
        answer = self.shown[source.address]
        if isinstance(answer, NetworkError):
            raise answer
        return answer


class Hands(Network):
    """Hands everything off to an address of its own; counts characters."""

    NETWORKS = ("web", "linkedin", "mastodon")

    def handoff(self, action: Action, account: Account | None) -> Handoff:
        return Handoff(url=f"{action.choice.target_url}#respond", text=action.text, prefilled=False)


BLOG = "https://acme.example/feed.xml"
SECOND = "https://second.example/feed.xml"

ACME = Client(
    id="acme",
    name="ACME Übersetzer GmbH",
    sources=(
        Source(client="acme", network="web", address=BLOG),
        Source(client="acme", network="web", address=SECOND),
    ),
)


SITE = ACME.sources[0]


def on(address: str, client: str = "acme") -> Source:
    """A client's source at an address."""
    return Source(client=client, network="web", address=address)


def watched(**facts: Any) -> Watched:
    """``SITE`` as it stands before its first look."""
    values: dict[str, Any] = {
        "id": 1,
        "source": SITE,
        "title": "",
        "cursor": "",
        "next_check": NOON,
        "tried_at": None,
        "succeeded_at": None,
        "seeded_at": None,
        "failures": 0,
        "last_error": "",
        "gone_at": None,
        "configured": True,
        "failing_since": None,
        "paused_until": None,
        "quiet": Quiet(),
        "place": "",
        "moved_at": None,
        "merged_into": None,
        "quarantined_at": None,
    }
    return Watched(**(values | facts))


def policy(network: str, *, link: Channel = Channel.OFF, **verbs: Channel) -> NetworkPolicy:
    return NetworkPolicy(
        network=network,
        verbs={Verb(verb): channel for verb, channel in verbs.items()},
        link=link,
        text_limit=200,
        why="",
        source="",
        checked_on="2026-11-21",
    )


POLICY: Mapping[str, NetworkPolicy] = {
    "web": policy("web", comment=Channel.HANDOFF),
    "linkedin": policy(
        "linkedin", link=Channel.HANDOFF, like=Channel.HANDOFF, comment=Channel.HANDOFF
    ),
    "mastodon": policy("mastodon", like=Channel.HANDOFF, share=Channel.HANDOFF),
}


def house(*clients: Client, **facts: Any) -> House:
    values: dict[str, Any] = {
        "sphere": "professional",
        "time_zone": "Europe/Berlin",
        "accounts": (
            Account(id="anna-web", network="web", handle="Anna Muster"),
            Account(id="anna-linkedin", network="linkedin", handle="anna-muster"),
        ),
        "clients": clients or (ACME,),
    }
    return House(**(values | facts))


class Day:
    """One sphere in memory, with everything that the three verbs need."""

    watches: tuple[str, ...] = ("web",)

    def __init__(self, rules: Rules, *, clients: Sequence[Client] = (), **facts: Any) -> None:
        self.store = Store("sqlite://", "professional")
        self.house = house(*clients, **facts)
        self.shelf = Shelf()
        self.policy = POLICY
        self.claims: Claims | None = None
        self.rules = rules

    def watch(self, now: datetime, **facts: Any) -> Report:
        """Look at what is due; sources that show nothing yet show an empty shelf."""
        for client in self.house.clients:
            for source in client.sources:
                self.shelf.shown.setdefault(source.address, Batch(posts=(), cursor=""))
        networks = dict.fromkeys(self.watches, self.shelf)
        return watch(self.store, networks, self.desk, now, **facts)

    def seeded(self) -> "Day":
        """The same day, with every source looked at once, empty, long ago."""
        self.watch(NOON - days(30))
        return self

    def cards(self, now: datetime = NOON) -> list[Suggestion]:
        """Everything that waits, whatever the daily limit."""
        return list(queue(self.store, self.house, now, everything=True).cards)

    def decide(self, id: str, intent: Intent, now: datetime = NOON) -> Suggestion:
        """What every face calls."""
        return decide(self.store, self.hall, id, intent, now)

    @property
    def desk(self) -> Desk:
        return Desk(house=self.house, policy=self.policy, rules=self.rules)

    @property
    def hall(self) -> Hall:
        hands = dict.fromkeys(self.policy, Hands())
        return Hall(house=self.house, policy=self.policy, handoffs=hands, claims=self.claims)


def health(day: Day, address: str = BLOG) -> Watched:
    """How the looks at a source went."""
    with day.store.read() as tx:
        return next(each for each in sources.everything(tx) if each.source.address == address)

"""A world to live in: a network with moods, clients who publish, and a clock that jumps.

Everything is drawn from one seed. The network is one for all spheres and keeps its own books: who
asked for what with whose token, and what stands there now. These books are what the simulation
judges by; netbot never sees them.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from netbot.model import (
    Account,
    Action,
    Barred,
    Gone,
    Identity,
    NetbotError,
    Post,
    RateLimited,
    Receipt,
    Refused,
    Sight,
    Transient,
    Unsure,
    Verb,
)
from netbot.network import Access, Network

#: How long a network may not show what it has taken in.
LONGEST_LAG = timedelta(minutes=15)

#: What a write meets, how often, and whether it is applied; "dies" kills netbot itself.
MOODS = (
    ("fine", 70, True),
    ("lost answer", 6, True),
    ("lost request", 4, False),
    ("dies after", 4, True),
    ("dies before", 3, False),
    ("no route", 4, False),
    ("refused", 4, False),
    ("too many", 3, False),
    ("barred", 2, False),
)


class Death(BaseException):
    """The process ends here and now, with everything that it had in memory."""


@dataclass(frozen=True, slots=True)
class Request:
    """One write request as the network saw it."""

    token: str
    action: int
    suggestion: str
    verb: Verb
    url: str
    undo: bool
    at: datetime


@dataclass(slots=True)
class Standing:
    """Something that stands on the network."""

    ref: str
    since: datetime
    lag: timedelta


@dataclass(slots=True)
class World:
    """The network's own books."""

    draw: Random
    now: datetime
    owners: dict[str, str] = field(default_factory=dict)  # token -> platform id
    posts: dict[str, Post] = field(default_factory=dict)  # by address
    stands: dict[tuple[str, Verb, str], Standing] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    doubles: list[Request] = field(default_factory=list)  # applied where it stood already
    moods: Counter[str] = field(default_factory=Counter)
    numbers: int = 0

    def apply(self, owner: str, verb: Verb, url: str) -> str:
        """Let something stand; returns its name."""
        self.numbers += 1
        lag = self.draw.random() ** 4 * LONGEST_LAG
        self.stands[owner, verb, url] = Standing(f"r{self.numbers}", self.now, lag)
        return f"r{self.numbers}"

    def mood(self) -> tuple[str, bool]:
        """What the next write meets."""
        name, _, applied = self.draw.choices(MOODS, [weight for _, weight, _ in MOODS])[0]
        self.moods[name] += 1
        return name, applied


class Square(Network):
    """The network as one account of one sphere reaches it."""

    NETWORKS = ("mastodon",)
    VERBS = frozenset({Verb.LIKE, Verb.SHARE, Verb.COMMENT, Verb.RECOMMEND})
    UNDOES = frozenset({Verb.LIKE, Verb.SHARE, Verb.COMMENT})

    def __init__(self, access: Access, world: World) -> None:
        super().__init__(access)
        self.world, self.token = world, access.secret

    @property
    def me(self) -> str:
        """Whom the token belongs to."""
        return self.world.owners[self.token]

    def whoami(self) -> Identity:
        return Identity(platform_id=self.me, handle="@me")

    def look(self, action: Action) -> Sight:
        self._read()
        post = self.world.posts.get(action.choice.target_url)
        if post is None:
            raise Gone("the post was deleted")
        standing = self._standing(action)
        done = Receipt(ref=standing.ref) if standing and self._is_set(action) else None
        return Sight(target=post.url, post=post, done=done)

    def read_back(self, action: Action) -> Receipt | None:
        self._read()
        standing = self._standing(action)
        if standing is None or standing.since + standing.lag > self.world.now:
            return None
        return Receipt(ref=standing.ref)

    def _perform(self, action: Action, sight: Sight) -> Receipt:
        name, applied = self._request(action, undo=False)
        ref = ""
        if applied:
            if self._standing(action):
                self.world.doubles.append(self.world.requests[-1])
            ref = self.world.apply(self.me, action.choice.verb, action.choice.target_url)
        _meet(name)
        return Receipt(ref=ref, url=f"https://a.example/{ref}")

    def _undo(self, action: Action, receipt: Receipt) -> None:
        name, applied = self._request(action, undo=True)
        key = (self.me, action.choice.verb, action.choice.target_url)
        if applied and self.world.stands.pop(key, None) is None and name == "fine":
            raise Gone("it is not there any more")
        _meet(name)

    def _request(self, action: Action, *, undo: bool) -> tuple[str, bool]:
        choice, world = action.choice, self.world
        world.requests.append(
            Request(
                self.token,
                action.id,
                action.suggestion,
                choice.verb,
                choice.target_url,
                undo,
                world.now,
            )
        )
        return world.mood()

    def _read(self) -> None:
        if self.world.draw.random() < 0.05:
            raise Transient("nobody answers")

    def _standing(self, action: Action) -> Standing | None:
        return self.world.stands.get((self.me, action.choice.verb, action.choice.target_url))

    @staticmethod
    def _is_set(action: Action) -> bool:
        return action.choice.verb in {Verb.LIKE, Verb.SHARE}


def _meet(name: str) -> None:
    endings: dict[str, NetbotError] = {
        "lost answer": Unsure("the answer was lost"),
        "lost request": Unsure("the answer was lost"),
        "no route": Transient("no route"),
        "refused": Refused("not today"),
        "too many": RateLimited("slow down", retry_after_s=1800),
        "barred": Barred("log in again"),
    }
    if name.startswith("dies"):
        raise Death
    if name in endings:
        raise endings[name]


def account(sphere: str) -> Account:
    """The sphere's one account."""
    return Account(id=f"me-{sphere}", network="mastodon", handle=f"@{sphere}", platform_id=sphere)

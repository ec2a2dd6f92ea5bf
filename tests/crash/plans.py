"""What every run begins with: one card that offers three acts by program, and how it goes on.

Everything about a run follows from its seed and its number (``plan``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from netbot.model import (
    Account,
    Channel,
    Choice,
    House,
    Post,
    Ruling,
    Score,
    StoredPost,
    Verb,
    Verdict,
)
from netbot.network import NetworkPolicy
from netbot.store import Store, accounts, posts, sources, suggestions
from netbot.store.suggestions import Draft
from tests.house import ACME, NOON, days
from tests.plaza import ME, Fault

SPHERE = "professional"
CARD = f"{SPHERE}-1"
POST: dict[str, Any] = {"title": "", "text": "Im Herbst zeigen wir die neue Werkstatt."}
EDIT = {"text": "Im Herbst zeigen wir die neue Werkstatt. Nachtrag: erst im Winter."}
TEXT = "Glückwunsch! Mehr dazu unter https://acme.example/werkstatt?a=1&b=2"
VERBS = (Verb.LIKE, Verb.SHARE, Verb.COMMENT)

STUDIO = Account(id="studio", network="mastodon", handle=ME.handle, platform_id=ME.platform_id)
HOUSE = House(
    sphere=SPHERE,
    time_zone="Europe/Berlin",
    accounts=(STUDIO,),
    clients=(ACME,),
    undo_window_s=10,
)
POLICY = {
    "mastodon": NetworkPolicy(
        network="mastodon",
        verbs=dict.fromkeys(VERBS, Channel.API),
        link=Channel.OFF,
        text_limit=500,
        undo=VERBS,
        why="",
        source="",
        checked_on="2026-11-22",
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What happens in a run."""

    number: int
    point: str  # that its number stands for
    deaths: tuple[tuple[str, int], ...]  # of each life: the crash point, and at which passing
    fault: Fault
    faults: dict[str, list[Fault]]  # by question, see ``tests.plaza``
    verb: Verb
    takes_back: bool
    changes: dict[str, Any]  # how the post reads ...
    changed_from: int  # ... from the look of this number on
    wavers: bool  # the human takes the first yes back at once, and gives another
    answers: bool  # the human settles a doubt ...
    hasty: bool  # ... before netbot has looked as often as it will
    again: bool  # the human sends again what failed, and trusts an account again
    pauses_at: int  # everything is stopped the n-th time somebody asks; 0: never
    gaps_s: tuple[float, ...]  # between two lives


QUIET_TALE: dict[str, Any] = {"takes_back": False, "changes": {}}

#: What may happen besides dying: which question goes wrong, whether the human wants the act back,
#: and whether the post changes.
TALES: tuple[dict[str, Any], ...] = (
    {"wrong": "look"},
    {"wrong": "read", "takes_back": True},
    {"wrong": "do"},
    {"wrong": "do"},
    {"wrong": "do", "takes_back": True},
    {"wrong": "undo", "takes_back": True},
    {"wrong": "undo", "takes_back": True},
    {"wrong": "do", "changes": EDIT},
    {"wrong": "look", "changes": EDIT},
    {"wrong": "do", "changes": {"gone": True}},
)


def cells(points: Sequence[str]) -> int:
    """How many pairs of a crash point and a fault there are."""
    return len(points) * len(Fault)


def plan(seed: int, number: int, points: Sequence[str]) -> Plan:
    """The run of that number: point and fault are walked through, the rest is drawn.

    Beyond the first walk nothing stands in the way of what is walked through: no pause, no first
    passing that is let go by, no human who waits for netbot to find out by itself.
    """
    chance, straight = Random(f"{seed} {number}"), number >= cells(points)
    fault = list(Fault)[number // len(points) % len(Fault)]
    first = (points[number % len(points)], 1 if straight else chance.choice((1, 1, 1, 1, 2, 3)))
    lives = chance.choice((1, 2, 2, 3))
    deaths = [(chance.choice(points), chance.choice((1, 1, 2, 5))) for _ in range(lives - 1)]
    deaths.insert(chance.choice((0, 0, 0, 1)), first)
    tale = QUIET_TALE | chance.choice(TALES)
    well = 0 if straight else chance.choice((0, 0, 0, 1))
    return Plan(
        number=number,
        point=first[0],
        deaths=tuple(deaths),
        fault=fault,
        faults={tale.pop("wrong"): [Fault.OK] * well + [fault] * chance.choice((1, 1, 2))},
        verb=chance.choice(VERBS),
        changed_from=chance.choice((1, 2)),
        wavers=chance.random() < 0.1,
        answers=straight or chance.random() < 0.8,
        hasty=straight or chance.random() < 0.5,
        again=chance.random() < 0.6,
        pauses_at=0 if straight else chance.choice((0, 0, 0, 0, 1, 2, 3)),
        gaps_s=tuple(chance.choice((0.1, 3, 20, 400, 4000)) for _ in range(lives)),
        **tale,
    )


def furnish(store: Store, *, cards: int = 1) -> None:
    """Cards that wait, each of its own post, and an account that is known."""
    new = [_post(number) for number in range(1, cards + 1)]
    with store.write() as tx:
        source = sources.align(tx, ACME.sources, NOON)[0]
        born = posts.insert_posts(tx, source.id, ACME.id, [(post, None) for post in new], NOON)
        for post in posts.by_ids(tx, born).values():
            suggestions.insert_suggestion(tx, card_of(post), NOON)
        accounts.pin(tx, STUDIO, ME, "", NOON)


def _post(number: int) -> Post:
    url = f"https://plaza.example/@acme/{number}"
    return Post(network="mastodon", keys=(url,), published_at=NOON, url=url, **POST)


def card_of(post: StoredPost, now: datetime = NOON) -> Draft:
    """A card about a post on which netbot may do everything itself."""
    first, *others = (_choice(verb, post.post.url) for verb in VERBS)
    return Draft(
        post=post,
        choice=first,
        alternatives=tuple(others),
        verdict=Verdict(ruling=Ruling.PASS, link=None),
        score=Score(),
        text="",
        expires_at=now + days(4),
    )


def _choice(verb: Verb, url: str) -> Choice:
    return Choice(
        verb=verb,
        target_url=url,
        account=STUDIO.id,
        network="mastodon",
        channel=Channel.API,
    )

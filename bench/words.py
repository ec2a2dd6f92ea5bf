"""P6: rules of words, beside one regular expression a rule."""

import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.table import Row, cpu_s
from netbot import rules
from netbot.model import Client, Context, Post, Source
from netbot.rules.loading import Rules

COUNTS = (10, 1_000, 10_000)
POSTS = 200
POST_CHARACTERS = 1_000
_STARTS = ("ab", "be", "er", "ge", "ver", "zer", "vor", "nach", "un", "auf", "ein", "hin")
_MIDDLES = ("lag", "lich", "rud", "tern", "wend", "korb", "stein", "fahr", "grund", "mond", "werk")
_ENDS = ("a", "e", "o", "is", "or", "um", "ik", "al", "in", "us", "ät", "ell", "ant")

_CLIENT = Client(id="acme", name="ACME", language="de")
_NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
_CONTEXT = Context(
    now=_NOW, client=_CLIENT, source=Source(client="acme", network="web", address="a.example")
)


def measure() -> Iterator[Row]:
    """Judging beside the loop, and how the cost grows with the number of rules."""
    chance = random.Random(2031)
    words = [_word(chance) for _ in range(60_000)]
    phrases = _phrases(words, chance)
    posts = [_post(words, chance, number) for number in range(POSTS)]
    costs = {}
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as home:
            costs[count] = _judging_s(_load(Path(home), phrases[:count]), posts)
    loop = _loop_s(phrases[:1_000], posts)
    yield Row(
        quantity="P6 1,000 word rules, with inflection and reasons",
        netbot=f"{POSTS / costs[1_000]:.0f} posts/s",
        beside=f"loop of re {POSTS / loop:.0f} posts/s",
        value=loop / costs[1_000],
        unit="x",
        target=100.0,
        at_least=True,
    )
    yield Row(
        quantity="P6 10,000 word rules beside 10",
        netbot=f"{POSTS / costs[10_000]:.0f} posts/s",
        beside=f"10 rules {POSTS / costs[10]:.0f} posts/s",
        value=costs[10_000] / costs[10],
        unit="x",
        target=4.0,
    )


def _word(chance: random.Random) -> str:
    inner = "".join(chance.choices(_MIDDLES, k=chance.randint(1, 2)))
    return chance.choice(_STARTS) + inner + chance.choice(_ENDS)


def _phrases(words: Sequence[str], chance: random.Random) -> list[str]:
    """As many as the largest set needs, three in ten of two words."""
    found: dict[str, None] = {}
    while len(found) < max(COUNTS):
        found[" ".join(chance.sample(words, k=1 + (chance.random() < 0.3)))] = None
    return list(found)


def _post(words: Sequence[str], chance: random.Random, number: int) -> Post:
    text = ""
    while len(text) < POST_CHARACTERS:
        text += f"{chance.choice(words)} "
    return Post(network="web", url="", title=f"Post {number}", text=text, keys=(), language="de")


def _load(home: Path, phrases: Sequence[str]) -> Rules:
    lines = (
        f"  - {{name: r{number}, when: {{phrase: {p}}}, because: x}}"
        for number, p in enumerate(phrases)
    )
    (home / "rules").mkdir()
    (home / "rules" / "bench.yaml").write_text("\n".join(["hesitate:", *lines]), encoding="utf-8")
    return rules.load(home=home, sphere=None, shipped=False, cache=home)


def _judging_s(loaded: Rules, posts: Sequence[Post]) -> float:
    return cpu_s(lambda: [rules.judge(post, loaded, _CONTEXT) for post in posts])


def _loop_s(phrases: Sequence[str], posts: Sequence[Post]) -> float:
    patterns = [re.compile(rf"\b{re.escape(phrase)}\b", re.IGNORECASE) for phrase in phrases]
    return cpu_s(
        lambda: [[p.pattern for p in patterns if p.search(post.text)] for post in posts], rounds=1
    )

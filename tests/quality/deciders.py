"""Simulated users who decide, and how soon the order of posts suits them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netbot.rules.ranking import Ranking, Seen
from tests.quality import sets
from tests.quality.public import SEED

USERS = 12
FANCIES = 3  # kinds of author whose posts a user approves
SLIPS = 0.05  # of the decisions are not meant
SHOWN = 20
STEPS = (0, 20, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Story:
    """A post, and the kind of author it comes from."""

    kind: str
    seen: Seen


def stories(points: Sequence[float]) -> list[Story]:
    """The ordinary posts, each with what the rules give it."""
    posts = [*sets.read_set("ordinary"), *sets.read_set("ordinary-set-aside")]
    return [
        Story(post["kind"], Seen(title=post.get("title", ""), text=post["text"], points=given))
        for post, given in zip(posts, points, strict=True)
    ]


def curve(told: Sequence[Story]) -> dict[int, float]:
    """Precision at 20 after so many decisions, the mean over all users, 0 to 1."""
    rows = [dict(_live(told, number)) for number in range(USERS)]
    return {step: sum(row[step] for row in rows) / USERS for step in STEPS}


def _live(told: Sequence[Story], number: int) -> Iterator[tuple[int, float]]:
    chance = random.Random(SEED + number)
    fancies = set(chance.sample(sorted({story.kind for story in told}), FANCIES))
    mixed = chance.sample(list(told), len(told))
    decided, pool = mixed[: max(STEPS)], mixed[max(STEPS) :]
    kinds = {id(story.seen): story.kind for story in pool}
    ranking = Ranking()
    for step in range(max(STEPS) + 1):
        if step in STEPS:
            first = ranking.order([story.seen for story in pool])[:SHOWN]
            yield step, sum(kinds[id(seen)] in fancies for seen in first) / SHOWN
        if step < len(decided):
            story = decided[step]
            meant = chance.random() >= SLIPS
            ranking.learn(story.seen, (story.kind in fancies) == meant)

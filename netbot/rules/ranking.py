"""Learns from decisions in which order posts deserve to be seen. It orders and never hides.

Rules are what it knows before the first decision; each decision moves it a little further from
them. Pure: give the decisions again, and it stands where it stood.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from netbot.rules.learner import Learner, features, sigmoid

RANK_BITS = 16
RATE = 1.0  # few decisions have to suffice
TRUST = 40  # after so many decisions what was learned counts as much as the rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A post as the ranking sees it."""

    title: str
    text: str
    client: str = ""
    points: float = 0.0  # what the rules and their scores give it


@dataclass(frozen=True, slots=True)
class Because:
    """Why a post stands where it stands: a word or the client, and how far it moved the post."""

    what: str
    weight: float


@dataclass(slots=True)
class Ranking:
    """The order that past decisions suggest; teach it with ``learn``."""

    decisions: int = 0
    _learner: Learner = field(default_factory=lambda: Learner(bits=RANK_BITS, rate=RATE))

    def learn(self, post: Seen, approved: bool) -> None:
        """Take in one decision."""
        self._learner.learn(self._learner.places(_clues(post)), approved)
        self.decisions += 1

    def order(self, posts: Sequence[Seen]) -> list[Seen]:
        """All posts, best first; those that are alike keep their order."""
        ruled = _places([post.points for post in posts])
        liked = _places([self._margin(post) for post in posts])
        share = self.decisions / (self.decisions + TRUST)
        scores = [
            (1 - share) * rule + share * like for rule, like in zip(ruled, liked, strict=True)
        ]
        best = sorted(range(len(posts)), key=lambda index: -scores[index])
        return [posts[index] for index in best]

    def likes(self, post: Seen) -> float:
        """How likely an approval is by what was learned alone, 0 to 1."""
        return sigmoid(self._margin(post))

    def explain(self, post: Seen, most: int = 3) -> list[Because]:
        """The words that moved the post most, furthest first; nothing before a decision."""
        words = sorted(name for name in _clues(post) if name[0] in "1@")
        moved = [
            Because(name[1:], self._learner.margin(self._learner.places([name]))) for name in words
        ]
        told = [each for each in moved if each.weight]
        return sorted(told, key=lambda each: -abs(each.weight))[:most]

    def _margin(self, post: Seen) -> float:
        return self._learner.margin(self._learner.places(_clues(post)))


def teach(decisions: Iterable[tuple[Seen, bool]]) -> Ranking:
    """The ranking after these decisions, oldest first."""
    ranking = Ranking()
    for post, approved in decisions:
        ranking.learn(post, approved)
    return ranking


def _clues(post: Seen) -> set[str]:
    names = features(f"{post.title}\n{post.text}")
    return names | {f"@{post.client}"} if post.client else names


def _places(values: Sequence[float]) -> list[float]:
    """Where each value stands among all, 0 to 1; equal values stand together."""
    ordered = sorted(set(values))
    rank = {value: index for index, value in enumerate(ordered)}
    return [rank[value] / max(1, len(ordered) - 1) for value in values]

"""Learns from decisions in which order posts deserve to be seen. It orders and never hides.

Rules are what it knows before the first decision; each decision moves it a little further from
them. It counts: in how many approved and in how many skipped posts a word or a piece of one
stood (naive Bayes over hashed pieces). So the order of decisions does not matter, and what it
says of a post can be told as what was counted.
"""

import math
import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from zlib import crc32

from netbot.rules.learner import LONGEST, tokens

BITS = 16
PIECE = 4  # letters; German compounds and endings share pieces where they share no word
TRUST = 20  # after so many decisions half of what was learned counts
SPAN = 4.0  # at most so far it moves a post: freshness moves it by 3, a moment for tact by 10
SMOOTH = 1.0  # so many posts are imagined beside those that were decided

_WORD = re.compile(r"[^\W\d_]{4,}")
_ENOUGH = 3  # decided posts in which a word has to stand before it is told as a reason
_TELLING = 0.5  # how far from the average, as a logarithm of odds


@dataclass(frozen=True)
class Seen:
    """A post as the ranking sees it."""

    title: str
    text: str
    client: str = ""
    points: float = 0.0  # what the rules and the rest of the score give it

    @cached_property
    def words(self) -> dict[str, str]:
        """The longer words, in small letters, and as they are written here."""
        whole = f"{self.title}\n{self.text}"[:LONGEST]
        return {word.casefold(): word for word in reversed(_WORD.findall(whole))}

    @cached_property
    def places(self) -> frozenset[int]:
        """Where the counts of its words and pieces stand."""
        words = {each for each in tokens(f"{self.title}\n{self.text}") if len(each) >= PIECE}
        return frozenset(crc32(name.encode()) & ((1 << BITS) - 1) for name in _pieces(words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """Why a post stands where it stands: what was decided about posts like it."""

    kind: str  # word or client
    what: str  # the word as this post has it, or the client's id
    approved: int
    decided: int


@dataclass(slots=True)
class _Count:
    """How many approved and skipped posts had something."""

    approved: int = 0
    skipped: int = 0


@dataclass(slots=True)
class Ranking:
    """The order that past decisions suggest; teach it with ``learn``.

    Pieces of words are counted when the first post is to be put in order: to tell what was
    decided about whole words and clients takes a tenth of the time.
    """

    _all: _Count = field(default_factory=_Count)
    _liked: "array[int]" = field(default_factory=lambda: array("I", bytes(4 << BITS)))
    _passed: "array[int]" = field(default_factory=lambda: array("I", bytes(4 << BITS)))
    _uncounted: list[tuple[Seen, bool]] = field(default_factory=list)
    _words: dict[str, _Count] = field(default_factory=lambda: defaultdict(_Count))
    _clients: dict[str, _Count] = field(default_factory=lambda: defaultdict(_Count))

    @property
    def decisions(self) -> int:
        """How many it has taken in."""
        return self._all.approved + self._all.skipped

    def learn(self, post: Seen, approved: bool) -> None:
        """Take in one decision."""
        self._uncounted.append((post, approved))
        told = [self._words[word] for word in post.words]
        for count in (self._all, self._clients[post.client], *told):
            count.approved += approved
            count.skipped += not approved

    def part(self, post: Seen) -> float:
        """What past decisions add to a post's score, from -SPAN to SPAN; 0 before the first."""
        share = self.decisions / (self.decisions + TRUST)
        return round(max(-SPAN, min(SPAN, share * self._margin(post))), 2)

    def order(self, posts: Sequence[Seen]) -> list[Seen]:
        """All posts, best first; those that are alike keep their order."""
        return sorted(posts, key=lambda post: -(post.points + self.part(post)))

    def explain(self, post: Seen, most: int = 3) -> list[Because]:
        """What was decided about posts of its client and with its words, the most telling first."""
        clients = [("client", post.client, self._clients.get(post.client))]
        words = [("word", shown, self._words.get(word)) for word, shown in post.words.items()]
        told = [
            (abs(odds), Because(kind=kind, what=what, approved=count.approved, decided=decided))
            for kind, what, count in (*clients, *words)
            if what
            and count
            and (decided := count.approved + count.skipped) >= _ENOUGH
            and abs(odds := self._odds(count)) >= _TELLING
        ]
        told.sort(key=lambda each: (-each[0], -each[1].decided, each[1].kind, each[1].what))
        return [because for _, because in told[:most]]

    def _margin(self, post: Seen) -> float:
        """Above 0 speaks for, below 0 against; the many pieces share a length."""
        self._count_pieces()
        if not self.decisions:
            return 0.0
        places = [each for each in post.places if self._liked[each] or self._passed[each]]
        pieces = sum(self._odds(_Count(self._liked[each], self._passed[each])) for each in places)
        known = self._clients.get(post.client) if post.client else None
        return pieces / math.sqrt(len(post.places) or 1) + (self._odds(known) if known else 0.0)

    def _count_pieces(self) -> None:
        for post, approved in self._uncounted:
            counts = self._liked if approved else self._passed
            for place in post.places:
                counts[place] += 1
        self._uncounted.clear()

    def _odds(self, count: _Count) -> float:
        """How much oftener it stood in approved posts than in skipped ones, as a logarithm."""
        liked = (count.approved + SMOOTH) / (self._all.approved + 2 * SMOOTH)
        passed = (count.skipped + SMOOTH) / (self._all.skipped + 2 * SMOOTH)
        return math.log(liked / passed)


def teach(decisions: Iterable[tuple[Seen, bool]]) -> Ranking:
    """The ranking after these decisions."""
    ranking = Ranking()
    for post, approved in decisions:
        ranking.learn(post, approved)
    return ranking


def _pieces(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield f"1{word}"
        yield from (word[start : start + PIECE] for start in range(len(word) - PIECE + 1))

"""Rules that past decisions suggest, for the human to take or leave: what was always skipped, or
always approved, has a word in common.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netbot.model import Context, Post, Ruling, SkipReason, Verb
from netbot.rules.judging import judge_post
from netbot.rules.loading import Rules
from netbot.rules.proposing import WANTED, name_rule
from netbot.rules.ranking import Seen

ENOUGH = 5  # decisions of one kind before anything is proposed
CONTRAST = 3  # decisions of the other kind: without them every word would do
MOST = 5  # proposals at once
GENERAL = 0.2  # of all posts; a word that stands in more of them says nothing

_FEW = 20  # with fewer posts nobody can tell which words are general
_QUOTE = 160  # characters of an example

_SECTIONS = {SkipReason.VALUES: "never", SkipReason.NONSENSE: "nonsense"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision of the human, and what was known of the post."""

    post: Post
    context: Context
    client: str  # its id
    approved: bool
    reason: SkipReason | None = None
    verb: Verb = Verb.LIKE  # that was approved


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A rule that would have decided as the human did."""

    section: str
    name: str
    word: str
    client: str  # the only one it is about; "" for all
    decided: tuple[Decided, ...]  # decisions it was learned from, all of one kind
    contrast: Post  # decided otherwise, and without the word

    @property
    def is_praise(self) -> bool:
        """Whether it speaks for posts."""
        return self.section == "champion"

    def rule(self, because: str) -> dict[str, Any]:
        """As a mapping for YAML; ``because`` is what its cards say."""
        scope = {"for": {"clients": [self.client]}} if self.client else {}
        verbs = Counter(each.verb.value for each in self.decided)
        best = [verb for verb, _ in verbs.most_common(2)]
        return {
            "name": self.name,
            **scope,
            "when": {"words": [self.word]},
            **({"suggest": best} if self.is_praise else {}),
            "because": because,
            "examples": {
                WANTED[self.section]: [quote(self.decided[-1].post, self.word)],
                "pass": [quote(self.contrast, "")],
            },
        }


def find_lessons(decisions: Sequence[Decided], posts: Sequence[Post], rules: Rules) -> list[Lesson]:
    """At most ``MOST`` lessons, the one that explains most first; none that a rule knows already.

    ``posts`` are those among which a word has to be rare.
    """
    new = [each for each in decisions if not _is_known(each, rules)]
    general = _general_words(posts)
    found: list[Lesson] = []
    explained: set[int] = set()
    taken = {rule.name for rule in rules.rules}
    for word, client, group in _groups(new, general, posts):
        numbers = {id(each) for each in group}
        contrast = _contrast(new, group[0], word)
        if len(found) == MOST or numbers <= explained or contrast is None:
            continue
        explained |= numbers
        name = name_rule(word, taken)
        taken.add(name)
        found.append(
            Lesson(
                section=_section(group),
                name=name,
                word=word,
                client=client,
                decided=tuple(group),
                contrast=contrast,
            )
        )
    return found


def telling_words(
    post: Post, among: Sequence[Post], *, first: Collection[str] = (), most: int = 6
) -> list[str]:
    """The words that say what a post is about: rare ``among`` the others, best in its title.

    Those given as ``first`` come first, if they stand in it.
    """
    words = _words(post)
    rare, general = _count(among), _general_words(among)
    title = Seen(post.title, "").words
    nouns = {word for word, written in words.items() if written[0].isupper()}

    def weight(word: str) -> float:
        known = math.log((len(among) + 2) / (rare[word] + 1)) + 0.1
        return known * (2 if word in title else 1) * (2 if word in nouns else 1)

    own = [word for word in words if word not in general]
    own.sort(key=lambda word: (words[word] not in first, -weight(word), -len(word), word))
    return [words[word] for word in own[:most]]


def quote(post: Post, word: str = "") -> str:
    """A line of the post, the one with the word if that is asked for."""
    lines = [line for line in (post.title, *post.text.splitlines()) if line.strip()]
    with_word = (line for line in lines if word.casefold() in line.casefold())
    line = " ".join(next(with_word, "").split())
    start = max(0, line.casefold().find(word.casefold()) - _QUOTE // 2)
    return line[start : start + _QUOTE].strip()


def contradicting(
    lessons: Iterable[Lesson], decisions: Iterable[Decided], alone: Rules
) -> set[str]:
    """The names of the lessons that would decide any post otherwise than the human did.

    ``alone`` are their rules and no others: words are found in all their forms there.
    """
    praises = {each.name: each.is_praise for each in lessons}
    return {
        reason.rule
        for each in decisions
        for reason in judge_post(each.post, alone, each.context).reasons
        if praises.get(reason.rule, each.approved) != each.approved
    }


def _is_known(decided: Decided, rules: Rules) -> bool:
    """Whether today's rules would say it themselves."""
    verdict = judge_post(decided.post, rules, decided.context)
    if decided.approved:
        return verdict.score.total > 0
    return verdict.ruling is not Ruling.PASS


def _general_words(posts: Sequence[Post]) -> frozenset[str]:
    if len(posts) < _FEW:
        return frozenset()
    stands = _count(posts)
    return frozenset(word for word, count in stands.items() if count > GENERAL * len(posts))


def _count(posts: Iterable[Post]) -> Counter[str]:
    """In how many posts each word stands."""
    counts: Counter[str] = Counter()
    for post in posts:
        counts.update(_words(post).keys())
    return counts


def _groups(
    decisions: Sequence[Decided], general: Collection[str], posts: Sequence[Post]
) -> list[tuple[str, str, list[Decided]]]:
    """Words, the client that each is about, and the decisions of one kind in which it stands."""
    by_word: dict[str, list[Decided]] = defaultdict(list)
    for each in decisions:
        for word in _words(each.post).keys() - general:
            by_word[word].append(each)
    rare = _count(posts)
    found = [
        (_spell(word, group), client, group)
        for word, together in by_word.items()
        for client, group in _unanimous(together)
    ]
    weight = {word: math.log((len(posts) + 2) / (rare[word] + 1)) for word in by_word}
    found.sort(key=lambda f: (-len(f[2]), -weight[f[0].casefold()], -len(f[0]), f[0], f[1]))
    return found


def _unanimous(together: Sequence[Decided]) -> Iterator[tuple[str, list[Decided]]]:
    """All of them where they agree, else those of each client who is always decided alike."""
    by_client: dict[str, list[Decided]] = defaultdict(list)
    for each in together:
        by_client[each.client].append(each)
    several = len(by_client) > 1
    if several and _agree(together):
        yield "", list(together)
        return
    yield from ((client, group) for client, group in by_client.items() if _agree(group))


def _agree(group: Sequence[Decided]) -> bool:
    return len(group) >= ENOUGH and len({each.approved for each in group}) == 1


def _contrast(decisions: Sequence[Decided], one: Decided, word: str) -> Post | None:
    """The newest post that was decided otherwise and lacks the word, if there are enough."""
    others = [
        each.post
        for each in decisions
        if each.approved != one.approved and word.casefold() not in _words(each.post)
    ]
    return others[-1] if len(others) >= CONTRAST else None


def _section(group: Sequence[Decided]) -> str:
    """What all reasons agree upon; a rule that asks where they do not."""
    if group[0].approved:
        return "champion"
    reasons = {each.reason for each in group}
    (only,) = reasons if len(reasons) == 1 else (None,)
    return _SECTIONS.get(only, "hesitate") if only else "hesitate"


def _spell(word: str, group: Sequence[Decided]) -> str:
    """As it is written most often."""
    written = Counter(_words(each.post)[word] for each in group)
    return max(written, key=lambda form: (written[form], form))


def _words(post: Post) -> Mapping[str, str]:
    return Seen(post.title, post.text).words

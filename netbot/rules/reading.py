"""One post while rules read it: everything they ask is worked out once, and only when asked."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple
from urllib.parse import urlsplit

from netbot.model import Context, Post, Source
from netbot.rules.folding import Traced, compose, fold
from netbot.rules.matcher import Find, Matcher
from netbot.rules.measuring import Measures
from netbot.rules.patterns import Pattern
from netbot.rules.schema import Topic

FIELDS = ("title", "text", "author", "tags", "url")

_BETWEEN_TAGS = "\0"  # no phrase runs from one tag into the next
_LINK = re.compile(r"https?://", re.IGNORECASE)
_HASHTAG = re.compile(r"(?<!\w)#\w")
_MENTION = re.compile(r"(?<![\w/])@\w")
_EMOJI = re.compile("[\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]")
_WORD = re.compile(r"\w+")

# Words that are frequent in one of the two languages and no word of the other.
_TELLTALES = {
    "de": frozenset(
        {"und", "der", "das", "den", "dem", "des", "ist", "nicht", "wir", "ihr", "sie", "mit"}
        | {"fuer", "ein", "eine", "einen", "einem", "einer", "auf", "von", "zu", "im", "auch"}
        | {"uns", "es", "ich", "bei", "nach", "wie", "aus", "oder", "aber", "wird", "werden"}
    ),
    "en": frozenset(
        {"the", "and", "of", "to", "for", "with", "we", "our", "that", "this", "these", "are"}
        | {"on", "you", "your", "it", "have", "has", "from", "by", "be", "as", "or", "their"}
        | {"his", "her", "not", "will", "been", "which", "us", "at", "is"}
    ),
}


class Span(NamedTuple):
    """A stretch of one field as it was written."""

    field: str
    start: int
    end: int


class Spans:
    """Stretches in the order of reading, which know what stands nearest to a place."""

    __slots__ = ("_all", "_by_field")

    def __init__(self, spans: Iterable[Span]) -> None:
        self._all = in_order(spans)
        self._by_field: dict[str, tuple[list[Span], list[Span]]] = {}

    def __iter__(self) -> Iterator[Span]:
        return iter(self._all)

    def __bool__(self) -> bool:
        return bool(self._all)

    def nearest(self, anchor: Span) -> Iterator[Span]:
        """Of those in its field, the first that begins behind it, and of others the last to end."""
        if anchor.field not in self._by_field:
            own = [span for span in self._all if span.field == anchor.field]
            last_to_end = list(accumulate(own, _later_end))
            self._by_field[anchor.field] = (own, last_to_end)
        own, last_to_end = self._by_field[anchor.field]
        index = bisect_left(own, anchor.start, key=lambda span: span.start)
        yield from own[index : index + 1]
        yield from last_to_end[max(0, index - 1) : index]


class Reading:
    """A post, a context, and what the rules found in it."""

    def __init__(
        self,
        post: Post,
        context: Context,
        matcher: Matcher,
        topics: Mapping[str, Topic] | None = None,
    ) -> None:
        self.post = post
        self._topics = topics or {}
        self.context = context
        self._matcher = matcher
        self._written = {
            "title": post.title,
            "text": post.text,
            "author": post.author,
            "tags": _BETWEEN_TAGS.join(post.tags),
            "url": post.url,
        }
        self._composed: dict[str, Traced] = {}
        self._words: dict[frozenset[int], Spans] = {}
        self._matches: dict[tuple[int, tuple[str, ...]], Spans] = {}
        self._word_starts: dict[str, list[int]] = {}

    @cached_property
    def scores(self) -> Mapping[str, float]:
        """What was learned says of it, by name; see ``Measures``."""
        given = self.context.scores
        return Measures(self.post, self.language, self._topics) if given is None else given

    @cached_property
    def known(self) -> frozenset[str]:
        """What is known of the post besides itself, by the names that rules need."""
        return frozenset(self.scores).union(() if self.context.seen is None else ("seen",))

    def nearest(self, name: str) -> str:
        """The example that decided about a topic; "" where that is not known."""
        return self.scores.nearest(name) if isinstance(self.scores, Measures) else ""

    @cached_property
    def keys(self) -> frozenset[tuple[str, int]]:
        """What was found: words for certain, and regular expressions that may match."""
        words = [("words", asker) for asker in self.found]
        possible = frozenset[int]().union(*self._possible.values())
        return frozenset([*words, *(("regex", number) for number in possible)])

    @cached_property
    def found(self) -> Mapping[int, list[Find]]:
        """By number of the condition, where its words stand."""
        return self._matcher.find(self._folded, self.language)

    def words(self, askers: frozenset[int]) -> Spans:
        """Where the words of one condition stand."""
        if askers not in self._words:
            met = askers.intersection(self.found) if len(askers) > 1 else askers
            finds = [find for asker in met for find in self.found.get(asker, ())]
            self._words[askers] = Spans(self._span(find, self._folded) for find in finds)
        return self._words[askers]

    def matches(self, number: int, pattern: Pattern, fields: tuple[str, ...]) -> Spans:
        """Where an expression matches, which the sieve knows by that number."""
        key = (number, fields)
        if key not in self._matches:
            finds = [
                Find(name, *found)
                for name in fields
                if number in self._possible[name]
                for found in pattern.find(self._composed_field(name).text)
            ]
            self._matches[key] = Spans(self._span(find, self._composed) for find in finds)
        return self._matches[key]

    def quote(self, span: Span) -> str:
        """What stands there, letter for letter."""
        return self._written[span.field][span.start : span.end]

    def stands_near(self, anchor: Span, spans: Spans, words: int) -> bool:
        """Whether one of them stands in the anchor's field, at most so many words away."""
        return any(self._words_apart(anchor, span) <= words for span in spans.nearest(anchor))

    def _words_apart(self, one: Span, other: Span) -> int:
        """From one stretch to the other in the same field; neighbours are 1 apart."""
        first, second = sorted((one, other), key=lambda span: span.start)
        if first.end >= second.start:
            return 1
        text = self._written[one.field]
        if one.field not in self._word_starts:
            self._word_starts[one.field] = [word.start() for word in _WORD.finditer(text)]
        starts = self._word_starts[one.field]
        begun = bisect_left(starts, second.start) - bisect_left(starts, first.end)
        in_word = _WORD.match(text, first.end - 1, first.end + 1)
        return 1 + begun + bool(in_word and in_word.end() > first.end)

    @cached_property
    def language(self) -> str:
        """Primary language: as declared, else the client's, else a guess between de and en."""
        client = self.context.client
        declared = self.post.language or (client.language if client else None)
        if declared:
            return declared.lower().replace("_", "-").partition("-")[0]
        words = set(_WORD.findall(f"{self._folded['title'].text} {self._folded['text'].text}"))
        telling = {name: len(words & telltales) for name, telltales in _TELLTALES.items()}
        if telling["de"] == telling["en"]:
            return ""
        return max(telling, key=lambda name: telling[name])

    @cached_property
    def host(self) -> str:
        """Host name of the post's address, "" without one."""
        return _host(self.post.url)

    @cached_property
    def sources(self) -> list[Source]:
        """Where it was found; else the client's sources of its network, on its host first."""
        if self.context.source is not None:
            return [self.context.source]
        client = self.context.client
        sources = [s for s in client.sources if s.network == self.post.network] if client else []
        on_host = [source for source in sources if self.host and _host(source.address) == self.host]
        return on_host or sources

    @cached_property
    def age_s(self) -> float | None:
        """Seconds since publication; None when nobody knows."""
        if self.post.published_at is None:
            return None
        return (self.context.now - self.post.published_at).total_seconds()

    @cached_property
    def length(self) -> int:
        """Characters of title and text, outer spaces not counted."""
        return len(self._whole.strip())

    @cached_property
    def links(self) -> int:
        """How many links: what the source counted, or what is written out, if that is more."""
        return max(self.post.links, len(_LINK.findall(self.post.text)))

    @cached_property
    def hashtags(self) -> int:
        """How many hashtags are written out."""
        return len(_HASHTAG.findall(self._whole))

    @cached_property
    def mentions(self) -> int:
        """How many handles are mentioned."""
        return len(_MENTION.findall(self._whole))

    @cached_property
    def emoji(self) -> int:
        """How many pictures stand among the letters."""
        return len(_EMOJI.findall(self._whole))

    @cached_property
    def capitals(self) -> float:
        """The share of capitals among the letters, 0 to 1."""
        letters = [letter for letter in self._whole if letter.isalpha()]
        return sum(map(str.isupper, letters)) / len(letters) if letters else 0.0

    @property
    def duplicate(self) -> bool:
        """Whether it was published before, here or elsewhere."""
        seen = self.context.seen
        return seen is not None and not seen.isdisjoint(self.post.keys)

    @property
    def media(self) -> int:
        """How many images, sounds and films."""
        return self.post.media

    @cached_property
    def _whole(self) -> str:
        return f"{self.post.title} {self.post.text}".lstrip()

    @cached_property
    def _folded(self) -> dict[str, Traced]:
        return {name: Traced(self._written[name], fold) for name in self._matcher.fields}

    @cached_property
    def _possible(self) -> Mapping[str, frozenset[int]]:
        sieve = self._matcher.sieve
        return {
            name: sieve.pass_through(self._composed_field(name).text)
            for name in self._matcher.pattern_fields
        }

    def _composed_field(self, name: str) -> Traced:
        if name not in self._composed:
            self._composed[name] = Traced(self._written[name], compose)
        return self._composed[name]

    def _span(self, find: Find, fields: Mapping[str, Traced]) -> Span:
        return Span(find.field, *fields[find.field].origin(find.start, find.end))


def in_order(spans: Iterable[Span]) -> list[Span]:
    """The title first; at the same place the longest first."""
    return sorted(spans, key=lambda span: (FIELDS.index(span.field), span.start, -span.end))


def _later_end(one: Span, other: Span) -> Span:
    return one if one.end >= other.end else other


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""

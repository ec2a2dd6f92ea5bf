"""One post while rules read it: everything they ask is worked out once, and only when asked."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlsplit

from netbot.model import Context, Post, Source
from netbot.rules.folding import Traced, compose, fold
from netbot.rules.matcher import Find, Matcher
from netbot.rules.patterns import Pattern

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


class Reading:
    """A post, a context, and what the rules found in it."""

    def __init__(self, post: Post, context: Context, matcher: Matcher) -> None:
        self.post = post
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

    @cached_property
    def found(self) -> Mapping[int, list[Find]]:
        """By number of the condition, where its words stand."""
        return self._matcher.find(self._folded, self.language)

    def words(self, asker: int) -> list[Span]:
        """Where the words of one condition stand, in the order of reading."""
        return in_order(self._span(find, self._folded) for find in self.found.get(asker, ()))

    def matches(self, pattern: Pattern, fields: Iterable[str]) -> list[Span]:
        """Where an expression matches, in the order of reading."""
        finds = [
            Find(name, *found)
            for name in fields
            for found in pattern.find(self._composed_field(name).text)
        ]
        return in_order(self._span(find, self._composed) for find in finds)

    def quote(self, span: Span) -> str:
        """What stands there, letter for letter."""
        return self._written[span.field][span.start : span.end]

    def words_apart(self, one: Span, other: Span) -> int | None:
        """From one stretch to the other, in words; None when they stand in different fields."""
        if one.field != other.field:
            return None
        first, second = sorted((one, other), key=lambda span: span.start)
        return 1 + len(_WORD.findall(self._written[one.field][first.end : second.start]))

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
    def media(self) -> int:
        """How many images, sounds and films."""
        return self.post.media

    @cached_property
    def _whole(self) -> str:
        return f"{self.post.title} {self.post.text}".lstrip()

    @cached_property
    def _folded(self) -> dict[str, Traced]:
        return {name: Traced(self._written[name], fold) for name in self._matcher.fields}

    def _composed_field(self, name: str) -> Traced:
        if name not in self._composed:
            self._composed[name] = Traced(self._written[name], compose)
        return self._composed[name]

    def _span(self, find: Find, fields: Mapping[str, Traced]) -> Span:
        return Span(find.field, *fields[find.field].origin(find.start, find.end))


def in_order(spans: Iterable[Span]) -> list[Span]:
    """The title first; at the same place the longest first."""
    return sorted(spans, key=lambda span: (FIELDS.index(span.field), span.start, -span.end))


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""

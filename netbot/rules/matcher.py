"""All words of all rules at once: a post is read once, however many rules there are.

What begins with a whole word is looked up by that word, and most words of a post begin nothing.
What may stand inside a word, or begins with a sign, is found by one automaton.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from netbot.rules.folding import Traced, is_letter, is_whole
from netbot.rules.patterns import Pattern
from netbot.rules.sieve import Sieve
from netbot.rules.wordbook import Part

READ_BY_DEFAULT = ("title", "text")

_OPEN_REST = 4  # letters that have to stand beside a rule word in a compound
_LONGEST_WORD = 80  # letters; German law goes up to 79, and what is longer is no word
_LONGEST_CLAUSE = 25  # words between a verb and its particle
_LOOK = 40  # characters that are looked at behind a find
_WORD = re.compile(r"[^\W_]+")
_CLAUSE_WORD = re.compile(r" ([^ .,;:!?…\0]+)")
_CLAUSE_END = re.compile(
    r"[\"“”»«)’']*(?:$|[.,;:!?…\n]|\s*[–—]|\s+(?:und|oder|sowie|aber|denn|weil)\b)"
)
_NEXT_WORD = re.compile(r"\s+(\w)")


class Find(NamedTuple):
    """Where a rule's word stands in the folded text of one field."""

    field: str
    start: int
    end: int


class Use(NamedTuple):
    """For which condition a form was written down, and where it counts."""

    asker: int  # number of the condition
    fields: frozenset[str]
    language: str = ""  # the only language in which the form is meant, or ""
    part: Part | None = None  # set when longer words count too
    sense: str = ""  # see ``wordbook.Kind``
    particle: str = ""  # what has to close the clause: beutet … aus


class Head:
    """Everything looked for that begins with one word."""

    __slots__ = ("lengths", "uses")

    def __init__(self) -> None:
        self.lengths: set[int] = set()
        self.uses: dict[str, list[Use]] = defaultdict(list)


class Matcher:
    """Finds the words of all conditions at once. Fill it with ``add``, then ``close`` it."""

    def __init__(self) -> None:
        self._heads: dict[str, Head] = {}
        self._inside: dict[str, list[Use]] = defaultdict(list)
        self._by_index: list[list[Use]] = []
        self._automaton: Any = None
        self._patterns: dict[str, Pattern] = {}  # by source
        self.fields: frozenset[str] = frozenset(READ_BY_DEFAULT)
        self.pattern_fields: frozenset[str] = frozenset()

    def add(self, form: str, use: Use) -> None:
        """Look for a folded form."""
        self.fields |= use.fields
        head = None if use.part else _WORD.match(form)
        if head is None or is_letter(form[head.end() :][:1] or " "):
            self._inside[form].append(use)
        else:
            known = self._heads.setdefault(head[0], Head())
            known.lengths.add(len(form))
            known.uses[form].append(use)

    def add_pattern(self, pattern: Pattern, fields: Iterable[str]) -> int:
        """Look for an expression; returns the number by which the sieve knows it."""
        self._patterns.setdefault(pattern.source, pattern)
        self.pattern_fields = self.pattern_fields.union(fields)
        return list(self._patterns).index(pattern.source)

    def close(self) -> "Matcher":
        """Build the automaton and the sieve; afterwards nothing can be added."""
        if self._inside:
            from ahocorasick_rs import AhoCorasick

            self._automaton = AhoCorasick(self._inside)
            self._by_index = list(self._inside.values())
        self.sieve = Sieve([pattern.rewritten for pattern in self._patterns.values()])
        return self

    def find(self, fields: Mapping[str, Traced], language: str) -> dict[int, list[Find]]:
        """By number of the condition, where its words stand; ``language`` of the post or ""."""
        found: dict[int, list[Find]] = defaultdict(list)
        for name, traced in fields.items():
            for start, end, uses in self._forms(traced.text):
                whole = is_whole(traced.text, start, end)
                for use in uses:
                    if name not in use.fields or language not in (use.language or language, ""):
                        continue
                    if stop := _end(use, traced, start, end, whole=whole):
                        found[use.asker].append(Find(name, start, stop))
        return found

    def _forms(self, text: str) -> Iterator[tuple[int, int, list[Use]]]:
        """Every form that stands in the text, be it whole or inside a word."""
        heads = self._heads.keys() & set(_WORD.findall(text))
        for word in _WORD.finditer(text) if heads else ():
            if word[0] in heads:
                start, known = word.start(), self._heads[word[0]]
                for length in known.lengths:
                    if uses := known.uses.get(text[start : start + length]):
                        yield start, start + length, uses
        if self._automaton is not None:
            for index, start, end in self._automaton.find_matches_as_indexes(text, True):
                yield start, end, self._by_index[index]


def _end(use: Use, traced: Traced, start: int, end: int, *, whole: bool) -> int:
    """Where the find ends; 0 when what stands there is not meant."""
    if use.particle:
        return _particle_end(traced, end, use.particle) if whole else 0
    if whole and (not use.sense or _is_noun(traced, start, end, use.sense)):
        return end
    return end if use.part and _in_compound(traced.text, start, end, use.part) else 0


def _particle_end(traced: Traced, end: int, particle: str) -> int:
    """Where the particle stands that the verb has left at the end of its clause, or 0."""
    for _ in range(_LONGEST_CLAUSE):
        word = _CLAUSE_WORD.match(traced.text, end)
        if word is None:
            break
        end = word.end()
        if word[1] == particle:
            behind = traced.origin(end - 1, end)[1]
            after = traced.original[behind : behind + _LOOK]
            return end if _CLAUSE_END.match(after) else 0
    return 0


def _is_noun(traced: Traced, start: int, end: int, sense: str) -> bool:
    """Whether a capital says so, where capitals say anything; ``nominal``: no noun follows."""
    first, last = traced.origin(start, end)
    written = traced.original
    if sense == "nominal":
        follower = _NEXT_WORD.match(written[last : last + _LOOK])
        return written[first].isupper() and not (follower and follower[1].isupper())
    return written[first].isupper() or written[first - 1 : first] == "#" or traced.is_small


def _in_compound(text: str, start: int, end: int, part: Part) -> bool:
    """Whether a longer word begins or ends with the form, and is a compound of it."""
    first, last = _word_around(text, start, end)
    word = text[first:last]
    if start == first:
        return last - end >= _OPEN_REST and not word.startswith(part.false_starts)
    if end == last:
        return start - first >= _OPEN_REST and not word.endswith(part.false_ends)
    return False


def _word_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The word that holds ``text[start:end]``; of endless ones only as much as a word may have."""
    first, last = max(0, end - _LONGEST_WORD), min(len(text), start + _LONGEST_WORD)
    while start > first and is_letter(text[start - 1]):
        start -= 1
    while end < last and is_letter(text[end]):
        end += 1
    return start, end

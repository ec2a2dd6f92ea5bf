"""All words of all rules in one automaton: a post is read once, however many rules there are."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from netbot.rules.folding import Traced, is_letter, is_whole
from netbot.rules.wordbook import Part

READ_BY_DEFAULT = ("title", "text")

_OPEN_REST = 4  # letters that have to stand beside a rule word in a compound


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


class Matcher:
    """Finds the words of all conditions at once. Fill it with ``add``, then ``close`` it."""

    def __init__(self) -> None:
        self._uses: dict[str, list[Use]] = defaultdict(list)
        self._by_index: list[tuple[Use, ...]] = []
        self._automaton: Any = None
        self.fields: frozenset[str] = frozenset(READ_BY_DEFAULT)

    def add(self, form: str, use: Use) -> None:
        """Look for a folded form."""
        self._uses[form].append(use)

    def close(self) -> "Matcher":
        """Build the automaton; afterwards nothing can be added."""
        from ahocorasick_rs import AhoCorasick

        self._automaton = AhoCorasick(self._uses)
        self.fields = self.fields.union(*(u.fields for uses in self._uses.values() for u in uses))
        self._by_index = [tuple(uses) for uses in self._uses.values()]
        return self

    def find(self, fields: Mapping[str, Traced], language: str) -> dict[int, list[Find]]:
        """By number of the condition, where its words stand; ``language`` of the post or ""."""
        found: dict[int, list[Find]] = defaultdict(list)
        for name, traced in fields.items():
            text = traced.text
            for index, start, end in self._automaton.find_matches_as_indexes(text, True):
                whole = is_whole(text, start, end)
                for use in self._by_index[index]:
                    if name not in use.fields or language not in (use.language or language, ""):
                        continue
                    if whole or (use.part and _in_compound(text, start, end, use.part)):
                        found[use.asker].append(Find(name, start, end))
        return found


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
    while start > 0 and is_letter(text[start - 1]):
        start -= 1
    while end < len(text) and is_letter(text[end]):
        end += 1
    return start, end

"""The conditions of a rule, ready to be asked of a post."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from netbot.rules.patterns import Pattern
from netbot.rules.reading import Reading, Span, in_order


@dataclass(frozen=True, slots=True)
class Words:
    """Words, phrases and exact forms, found by the matcher."""

    asker: int  # the number under which the matcher knows them
    near: int | None = None  # in words


@dataclass(frozen=True, slots=True)
class Matches:
    """A regular expression."""

    pattern: Pattern
    fields: tuple[str, ...]
    near: int | None = None  # in words


@dataclass(frozen=True, slots=True)
class Fact:
    """Anything about the post that is not a matter of words."""

    test: Callable[[Reading], bool]


@dataclass(frozen=True, slots=True)
class All:
    """Every one of them holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of them holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """It does not hold."""

    part: "Condition"


Condition: TypeAlias = Words | Matches | Fact | All | AnyOf | Not


def holds(condition: Condition, reading: Reading, anchor: Span | None) -> bool:
    """Whether it holds for the post; what is to be ``near`` is measured from the anchor."""
    match condition:
        case Fact():
            return condition.test(reading)
        case All():
            return all(holds(part, reading, anchor) for part in condition.parts)
        case AnyOf():
            return any(holds(part, reading, anchor) for part in condition.parts)
        case Not():
            return not holds(condition.part, reading, anchor)
        case _:
            return _stands_near(reading, _found(condition, reading), anchor, condition.near)


def anchors(condition: Condition, reading: Reading) -> list[Span]:
    """The words in the post that make it hold, in the order of reading; not those ``near``."""
    match condition:
        case All():
            return _all_anchors(condition.parts, reading)
        case AnyOf():
            held = [part for part in condition.parts if holds(part, reading, None)]
            return _all_anchors(held, reading)
        case Fact() | Not():
            return []
        case _:
            return [] if condition.near else _found(condition, reading)


def askers(condition: Condition) -> frozenset[int] | None:
    """Numbers of words of which one must have been found for it to hold; None: no such."""
    match condition:
        case Words():
            return frozenset({condition.asker})
        case All():
            known = [numbers for part in condition.parts if (numbers := askers(part)) is not None]
            return min(known, key=len, default=None)
        case AnyOf():
            together: frozenset[int] = frozenset()
            for numbers in map(askers, condition.parts):
                if numbers is None:
                    return None
                together |= numbers
            return together
        case _:
            return None


def _found(condition: Words | Matches, reading: Reading) -> list[Span]:
    if isinstance(condition, Words):
        return reading.words(condition.asker)
    return reading.matches(condition.pattern, condition.fields)


def _all_anchors(parts: Iterable[Condition], reading: Reading) -> list[Span]:
    return in_order(span for part in parts for span in anchors(part, reading))


def _stands_near(
    reading: Reading, spans: Sequence[Span], anchor: Span | None, near: int | None
) -> bool:
    if near is None or anchor is None:
        return bool(spans)
    apart = [reading.words_apart(span, anchor) for span in spans]
    return any(words is not None and words <= near for words in apart)

"""The conditions of a rule, ready to be asked of a post."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from netbot.rules.comparing import Comparison
from netbot.rules.patterns import Pattern
from netbot.rules.reading import Reading, Span, Spans, in_order


@dataclass(frozen=True, slots=True)
class Words:
    """Words, phrases and exact forms, found by the matcher."""

    askers: frozenset[int]  # the numbers under which the matcher knows them
    near: int | None = None  # in words


@dataclass(frozen=True, slots=True)
class Matches:
    """A regular expression."""

    pattern: Pattern
    number: int  # under which the sieve knows it
    fields: tuple[str, ...]
    near: int | None = None  # in words


@dataclass(frozen=True, slots=True)
class Measured:
    """Something learned says how much of it is in the post, 0 to 1."""

    name: str  # offence, or ``about`` and a topic
    comparison: Comparison


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


Condition: TypeAlias = Words | Matches | Measured | Fact | All | AnyOf | Not


Key: TypeAlias = tuple[str, int]  # words or regex, and a number


def holds(condition: Condition, reading: Reading, anchor: Span | None) -> bool:
    """Whether it holds for the post; what is to be ``near`` is measured from the anchor."""
    match condition:
        case All():
            return all(holds(part, reading, anchor) for part in condition.parts)
        case AnyOf():
            return any(holds(part, reading, anchor) for part in condition.parts)
        case Not():
            return not holds(condition.part, reading, anchor)
        case Fact():
            return condition.test(reading)
        case Measured():
            return condition.comparison.holds(reading.scores[condition.name])
        case _:
            return _stands(condition, reading, anchor)


def anchors(condition: Condition, reading: Reading) -> list[Span]:
    """The words in the post that make it hold, in the order of reading; not those ``near``."""
    match condition:
        case All():
            return _all_anchors(condition.parts, reading)
        case AnyOf():
            held = [part for part in condition.parts if holds(part, reading, None)]
            return _all_anchors(held, reading)
        case Fact() | Measured() | Not():
            return []
        case _:
            return [] if condition.near else list(_found(condition, reading))


def measured(condition: Condition, reading: Reading) -> list[Measured]:
    """What was learned and makes it hold, in the order of the file."""
    match condition:
        case All() | AnyOf():
            held = [part for part in condition.parts if holds(part, reading, None)]
            return [each for part in held for each in measured(part, reading)]
        case Measured():
            return [condition]
        case _:
            return []


def keys(condition: Condition) -> frozenset[Key] | None:
    """What may be found, and of which something must be for it to hold; None: no such."""
    match condition:
        case Words():
            return frozenset(("words", asker) for asker in condition.askers)
        case Matches():
            return frozenset({("regex", condition.number)})
        case All():
            known = [numbers for part in condition.parts if (numbers := keys(part)) is not None]
            return min(known, key=len, default=None)
        case AnyOf():
            together: frozenset[Key] = frozenset()
            for numbers in map(keys, condition.parts):
                if numbers is None:
                    return None
                together |= numbers
            return together
        case _:
            return None


def _stands(condition: Words | Matches, reading: Reading, anchor: Span | None) -> bool:
    found = _found(condition, reading)
    if condition.near is None or anchor is None:
        return bool(found)
    return reading.stands_near(anchor, found, condition.near)


def _found(condition: Words | Matches, reading: Reading) -> Spans:
    if isinstance(condition, Words):
        return reading.words(condition.askers)
    return reading.matches(condition.number, condition.pattern, condition.fields)


def _all_anchors(parts: Iterable[Condition], reading: Reading) -> list[Span]:
    return in_order(span for part in parts for span in anchors(part, reading))

"""Comparisons as rules write them: ``"> 0.6"``, ``"< 3 days"``, ``2``."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from math import inf

_WRITTEN = re.compile(r"\s*(<=|>=|==|<|>|=|≤|≥)?\s*(\d+(?:[.,]\d+)?)\s*([^\W\d]*)\s*")
_SIGNS = {"≤": "<=", "≥": ">=", "==": "=", None: "="}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SECONDS = {
    "minute": _MINUTE,
    "minuten": _MINUTE,
    "h": _HOUR,
    "hour": _HOUR,
    "stunde": _HOUR,
    "stunden": _HOUR,
    "d": _DAY,
    "day": _DAY,
    "tag": _DAY,
    "tage": _DAY,
    "tagen": _DAY,
    "week": 7 * _DAY,
    "woche": 7 * _DAY,
    "wochen": 7 * _DAY,
}


class Measure(Enum):
    """What is compared."""

    COUNT = auto()  # whole things: characters, links
    SHARE = auto()  # a part of the whole, at most 1
    AGE = auto()  # written with a unit


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison; ages are compared in seconds."""

    sign: str  # one of < <= = >= >
    number: float

    def __str__(self) -> str:
        return f"{self.sign} {self.number:g}"

    def holds(self, value: float) -> bool:
        """Whether ``value`` stands in this relation to the number."""
        match self.sign:
            case "<":
                return value < self.number
            case "<=":
                return value <= self.number
            case ">":
                return value > self.number
            case ">=":
                return value >= self.number
            case _:
                return value == self.number


def compare(written: str | float, measure: Measure) -> Comparison:
    """Raises ``ValueError`` for what cannot be read, or is the same for every post."""
    parts = _WRITTEN.fullmatch(str(written))
    if parts is None:
        example = "< 3 days" if measure is Measure.AGE else "> 0.6"
        raise ValueError(f'“{written}” is no comparison: write it like "{example}"')
    sign = _SIGNS.get(parts[1], parts[1])
    comparison = Comparison(sign, float(parts[2].replace(",", ".")) * _unit(parts[3], measure))
    _refuse_pointless(comparison, str(written), measure)
    return comparison


def _unit(word: str, measure: Measure) -> int:
    if measure is not Measure.AGE:
        if word:
            raise ValueError(f"“{word}” does not belong here: compare with the number alone")
        return 1
    name = word.casefold()
    seconds = _SECONDS.get(name) or _SECONDS.get(name.removesuffix("s"))
    if seconds is None:
        raise ValueError('needs a unit: minutes, hours, days or weeks, as in "< 3 days"')
    return seconds


def _refuse_pointless(comparison: Comparison, written: str, measure: Measure) -> None:
    highest = 1.0 if measure is Measure.SHARE else inf
    sign, number = comparison.sign, comparison.number
    whole = measure is not Measure.COUNT or number.is_integer()
    never = {
        "<": number <= 0,
        "<=": False,
        "=": number > highest or not whole,
        ">=": number > highest,
        ">": number >= highest,
    }
    always = {"<": number > highest, "<=": number >= highest, ">=": number <= 0}
    if never[sign]:
        raise ValueError(f"“{written}” can never be true: take another number")
    if always.get(sign):
        raise ValueError(f"“{written}” is always true: take another number, or leave it out")

"""Small plots as numbers: where each mark stands. Templates draw them, colours are the style's.

Pure. A plot is None where fewer than three things happened: then a sentence says more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import quantiles

from netbot.model import Direction

#: Fewer than these show nothing.
FEWEST = 3

#: The size of a plot in its own units, which are CSS pixels on a phone.
WIDTH, HEIGHT = 360, 120

#: Room below for the names of months and weeks.
_FOOT = 16

_MONTHS, _WEEKS = 12, 12

#: How high one contact is at most.
_TALLEST = 14

#: How much of a column's width its bar takes.
_FILLED = 0.62


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One month of contacts: my bar stands on the line, theirs hangs from it."""

    first: date  # of the month
    mine: int
    theirs: int
    x: float
    width: float
    mine_y: float
    mine_height: float
    theirs_height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Contacts in both directions over twelve months."""

    columns: tuple[Column, ...]
    height: float
    line_y: float  # between the two directions
    most: int  # in a month, in one direction

    @property
    def mine(self) -> int:
        """All of mine."""
        return sum(column.mine for column in self.columns)

    @property
    def theirs(self) -> int:
        """All of theirs."""
        return sum(column.theirs for column in self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """How long cards waited for an answer that came within one week; hours."""

    monday: date
    answers: int
    lower: float  # a quarter was faster
    median: float
    upper: float  # a quarter was slower
    x: float
    lower_y: float
    median_y: float
    upper_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """The time to decide, week by week; weeks without an answer are absent."""

    weeks: tuple[Week, ...]
    top: float  # hours at the upper edge
    base_y: float  # of no time at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many sources are in one condition."""

    name: str
    many: int
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """How all sources are, as one bar."""

    shares: tuple[Share, ...]
    total: int


def contacts(many: Mapping[tuple[str, Direction], int], today: date) -> Contacts | None:
    """Twelve columns, the last one of this month; ``many`` by month such as ``2026-11``."""
    months = _last_months(today)
    counted = [
        (each, many.get((f"{each:%Y-%m}", Direction.OUT), 0), many.get((f"{each:%Y-%m}", _IN), 0))
        for each in months
    ]
    if sum(mine + theirs for _, mine, theirs in counted) < FEWEST:
        return None
    up = max(mine for _, mine, _ in counted)
    down = max(theirs for _, _, theirs in counted)
    scale = min(_TALLEST, (HEIGHT - _FOOT - 4) / (up + down))
    line_y, step = 2 + up * scale, WIDTH / _MONTHS
    columns = tuple(
        Column(
            first=each,
            mine=mine,
            theirs=theirs,
            x=_round(step * (place + (1 - _FILLED) / 2)),
            width=_round(step * _FILLED),
            mine_y=_round(line_y - mine * scale),
            mine_height=_round(mine * scale),
            theirs_height=_round(theirs * scale),
        )
        for place, (each, mine, theirs) in enumerate(counted)
    )
    height = 4 + (up + down) * scale + _FOOT
    return Contacts(
        columns=columns, height=_round(height), line_y=_round(line_y), most=max(up, down)
    )


def first_of_year(today: date) -> date:
    """The first day that ``contacts`` shows."""
    return _last_months(today)[0]


def waits(answers: Iterable[tuple[datetime, datetime]], today: date) -> Waits | None:
    """The last twelve weeks of answers, each as when the card appeared and when it was decided."""
    mondays = _last_weeks(today)
    hours: dict[date, list[float]] = {}
    for appeared, decided in answers:
        day = decided.date()
        monday = day - timedelta(days=day.weekday())
        hours.setdefault(monday, []).append(max(0.0, (decided - appeared) / timedelta(hours=1)))
    spread = {monday: _spread(hours[monday]) for monday in mondays if monday in hours}
    if sum(len(hours[monday]) for monday in spread) < FEWEST:
        return None
    top = max(upper for _, _, upper in spread.values()) or 1.0
    base_y, step = HEIGHT - _FOOT, WIDTH / _WEEKS

    def height(value: float) -> float:
        return _round(base_y - (base_y - 6) * value / top)

    weeks = tuple(
        Week(
            monday=monday,
            answers=len(hours[monday]),
            lower=lower,
            median=median,
            upper=upper,
            x=_round(step * (mondays.index(monday) + 0.5)),
            lower_y=height(lower),
            median_y=height(median),
            upper_y=height(upper),
        )
        for monday, (lower, median, upper) in spread.items()
    )
    return Waits(weeks=weeks, top=top, base_y=base_y)


def first_week(today: date) -> date:
    """The first day that ``waits`` shows."""
    return _last_weeks(today)[0]


def conditions(names: Sequence[str], order: Sequence[str]) -> Conditions | None:
    """One bar of all sources: ``names`` holds the condition of each."""
    if len(names) < FEWEST:
        return None
    scale, x = WIDTH / len(names), 0.0
    shares = []
    for name in order:
        many = names.count(name)
        if many:
            shares.append(Share(name=name, many=many, x=_round(x), width=_round(many * scale)))
        x += many * scale
    return Conditions(shares=tuple(shares), total=len(names))


_IN = Direction.IN


def _last_months(today: date) -> list[date]:
    number = today.year * 12 + today.month - 1
    return [date(each // 12, each % 12 + 1, 1) for each in range(number - _MONTHS + 1, number + 1)]


def _last_weeks(today: date) -> list[date]:
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=ago) for ago in reversed(range(_WEEKS))]


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    lower, median, upper = quantiles(values, n=4, method="inclusive")
    return lower, median, upper


def _round(value: float) -> float:
    return round(value, 1)

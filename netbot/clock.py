"""The time: one place that asks the machine, so that everything else takes ``now``."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from netbot.model import UsageError
from netbot.text import mark

_told: ContextVar[Callable[[], datetime] | None] = ContextVar("told", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    tell = _told.get()
    return tell() if tell else datetime.now(UTC)


@contextmanager
def told(tell: Callable[[], datetime]) -> Iterator[None]:
    """Ask ``tell`` instead of the machine, here and in what is called from here."""
    before = _told.set(tell)
    try:
        yield
    finally:
        _told.reset(before)


def day_bounds(moment: datetime, time_zone: str) -> tuple[datetime, datetime]:
    """Start and end (exclusive), in UTC, of the local date on which ``moment`` falls."""
    zone = ZoneInfo(time_zone)
    today = moment.astimezone(zone).date()
    start = datetime.combine(today, time(), zone)
    end = datetime.combine(today + timedelta(days=1), time(), zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def moment_of(day: date, at: str, time_zone: str) -> datetime:
    """The one moment, in UTC, that stands for ``at`` (HH:MM) on a local date.

    An hour that comes twice counts the first time, one that is left out in spring counts as if
    clocks had not been set yet; so every date has exactly one, later than that of the day before.
    """
    return datetime.combine(day, time.fromisoformat(at), ZoneInfo(time_zone)).astimezone(UTC)


def due_date(now: datetime, at: str, time_zone: str) -> date:
    """The last local date whose ``at`` (HH:MM) has come: today, or yesterday before that hour."""
    today = now.astimezone(ZoneInfo(time_zone)).date()
    days = (today + timedelta(days=shift) for shift in (0, -1, -2))
    return next(day for day in days if moment_of(day, at, time_zone) <= now)


def next_at(now: datetime, at: str, time_zone: str) -> datetime:
    """The first moment after ``now``, in UTC, when it is ``at`` (HH:MM) on some local date."""
    return moment_of(due_date(now, at, time_zone) + timedelta(days=1), at, time_zone)


def end_of_hours(now: datetime, start: str, end: str, time_zone: str) -> datetime | None:
    """When the daily hours from ``start`` to ``end`` end, in UTC, if ``now`` is within them."""
    if start == end:
        return None
    ends = next_at(now, end, time_zone)
    return ends if ends < next_at(now, start, time_zone) else None


_FARTHEST = timedelta(days=3653)

_WEEKDAYS = {
    name: day
    for day, names in enumerate(
        (
            ("monday", "montag"),
            ("tuesday", "dienstag"),
            ("wednesday", "mittwoch"),
            ("thursday", "donnerstag"),
            ("friday", "freitag"),
            ("saturday", "samstag"),
            ("sunday", "sonntag"),
        )
    )
    for name in names
}


def parse_day(text: str, now: datetime, time_zone: str) -> datetime:
    """A moment, in UTC, of the past local date that ``text`` names: its noon; today is now.

    ``text`` is an ISO date, ``today``, ``yesterday`` or a number of days ago such as ``3d``; the
    German words work too. Raises ``UsageError`` for anything else, for a date that is still to
    come, and for one more than ten years ago: that is a slip of the finger.
    """
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    word = text.strip().casefold()
    days = re.fullmatch(r"(\d{1,3}) ?[dt]", word)
    ago = {"today": 0, "heute": 0, "yesterday": 1, "gestern": 1}.get(word)
    ago = int(days[1]) if days else ago
    try:
        day = date.fromisoformat(word) if ago is None else today - timedelta(days=ago)
    except ValueError:
        raise UsageError(
            mark("“{text}” is no date: write 2026-11-20, today, yesterday or 3d"), text=text
        ) from None
    if not timedelta() <= today - day <= _FARTHEST:
        raise UsageError(
            mark("“{text}” is no day of the last ten years: name one that was"), text=text
        )
    if day == today:
        return now
    return datetime.combine(day, time(12), zone).astimezone(UTC)


def parse_until(text: str, now: datetime, time_zone: str) -> datetime:
    """The start, in UTC, of the local date that ``text`` names.

    ``text`` is an ISO date, ``tomorrow``, a weekday (the next one) or a number of days such as
    ``3d``; the German words work too. Raises ``UsageError`` for anything else, and for a date
    more than ten years away: that is a slip of the finger.
    """
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    word = text.strip().casefold()
    days = re.fullmatch(r"(\d{1,3}) ?[dt]", word)
    if word in {"tomorrow", "morgen"}:
        day = today + timedelta(days=1)
    elif days:
        day = today + timedelta(days=int(days[1]))
    elif word in _WEEKDAYS:
        day = today + timedelta(days=(_WEEKDAYS[word] - today.weekday() - 1) % 7 + 1)
    else:
        try:
            day = date.fromisoformat(word)
        except ValueError:
            raise UsageError(
                mark("“{text}” is no date: write 2026-12-24, tomorrow, monday or 3d"), text=text
            ) from None
    if abs(day - today) > _FARTHEST:
        raise UsageError(mark("“{text}” is more than ten years away: name a nearer day"), text=text)
    return datetime.combine(day, time(), zone).astimezone(UTC)

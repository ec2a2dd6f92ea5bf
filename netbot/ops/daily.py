"""The daily copy of a sphere's database, and which copies are kept."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path

from netbot.store import copies

#: How many copies are kept: one for each of the last days, weeks and months that have any.
DAYS, WEEKS, MONTHS = 7, 4, 6


def keep_copy(folder: Path, now: datetime) -> Path | None:
    """Copy the database in ``folder`` unless today's copy stands, and drop what is too many.

    Returns the new copy. Raises ``StoreError`` or ``OSError``; then no older one is dropped.
    """
    target = folder / copies.FOLDER / f"{now.date()}.db"
    if target.exists():
        return None
    copies.copy(folder / "netbot.db", target)
    kept = worth_keeping(_dated(folder), now.date())
    for day, path in _dated(folder).items():
        if day not in kept:
            path.unlink()
    return target


def worth_keeping(days: Iterable[date], today: date) -> set[date]:
    """Of the days that have a copy those whose copy stays: at most 17, and 17 from the future.

    Copies of days to come were made while the clock was wrong, or it is wrong now: nobody knows
    which, so they neither push out the others nor are pushed out by them.
    """
    every = set(days)
    past = {day for day in every if day <= today}
    return _thin_out(past) | _thin_out(every - past)


def newest_copy(folder: Path) -> Path | None:
    """The copy that was made last, whole days and upgrades alike; None when there is none."""
    found = (folder / copies.FOLDER).glob("*.db")
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def _thin_out(days: Iterable[date]) -> set[date]:
    ordered = sorted(days, reverse=True)
    kept = set(ordered[:DAYS])
    kept |= _newest_of_each(ordered, WEEKS, lambda day: day.isocalendar()[:2])
    return kept | _newest_of_each(ordered, MONTHS, lambda day: (day.year, day.month))


def _newest_of_each(
    newest_first: Iterable[date], most: int, span: Callable[[date], tuple[int, ...]]
) -> set[date]:
    newest: dict[tuple[int, ...], date] = {}
    for day in newest_first:
        newest.setdefault(span(day), day)
    return set(list(newest.values())[:most])


def _dated(folder: Path) -> dict[date, Path]:
    """The daily copies; other files in that folder are none of ours to drop."""
    found = {}
    for path in (folder / copies.FOLDER).glob("????-??-??.db"):
        try:
            found[date.fromisoformat(path.stem)] = path
        except ValueError:
            continue
    return found

"""Dates as people write them on pages, in German and English."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

_MONTHS = {
    **dict.fromkeys(("januar", "jänner", "january", "jan"), 1),
    **dict.fromkeys(("februar", "feber", "february", "feb"), 2),
    **dict.fromkeys(("märz", "march", "mär", "mar", "mrz"), 3),
    **dict.fromkeys(("april", "apr"), 4),
    **dict.fromkeys(("mai", "may"), 5),
    **dict.fromkeys(("juni", "june", "jun"), 6),
    **dict.fromkeys(("juli", "july", "jul"), 7),
    **dict.fromkeys(("august", "aug"), 8),
    **dict.fromkeys(("september", "sept", "sep"), 9),
    **dict.fromkeys(("oktober", "october", "okt", "oct"), 10),
    **dict.fromkeys(("november", "nov"), 11),
    **dict.fromkeys(("dezember", "december", "dez", "dec"), 12),
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = r"(?:(?:mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun)[a-zä]{0,9}\.?,?\s{1,3})?"
_DATE = re.compile(
    rf"{_WEEKDAY}(?:"
    r"(?P<iso>(?:19|20)\d\d-[01]\d-[0-3]\d)(?:[T ][\d:.+Z-]{4,25})?"
    r"|(?P<d1>[0-3]?\d)\.\s?(?P<m1>[01]?\d)\.\s?(?P<y1>(?:20)?\d\d)(?!\d)"
    rf"|(?P<d2>[0-3]?\d)\.?\s(?P<m2>{_MONTH})\.?\s(?P<y2>20\d\d)"
    rf"|(?P<m3>{_MONTH})\.?\s(?P<d3>[0-3]?\d)(?:st|nd|rd|th)?,?\s(?P<y3>20\d\d)"
    r")(?!\d)",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"(?:am|vom|stand|datum|veröffentlicht|erstellt|posted|published|on|date|um|uhr|von|by"
    r"|\d{1,2}[:.]\d\d|[\s:|,.()·•–—/-])*",
    re.IGNORECASE,
)


def find_date(text: str) -> datetime | None:
    """The first date that a text names, at midnight UTC; None when there is none."""
    return next(_dates(text), None)


def is_only_date(text: str) -> bool:
    """Whether a text holds a date and nothing that matters besides."""
    found = _DATE.search(text)
    if found is None:
        return False
    rest = text[: found.start()] + text[found.end() :]
    return _FILLER.fullmatch(rest) is not None


def _dates(text: str) -> Iterator[datetime]:
    for found in _DATE.finditer(text):
        try:
            yield _moment(found)
        except ValueError:  # the 31st of February
            continue


def _moment(found: re.Match[str]) -> datetime:
    if found["iso"]:
        return datetime.fromisoformat(found["iso"]).replace(tzinfo=UTC)
    if found["m1"]:
        year, month, day = int(found["y1"]), int(found["m1"]), int(found["d1"])
        return datetime(year if year > 99 else 2000 + year, month, day, tzinfo=UTC)
    way = "2" if found["m2"] else "3"  # the day before or after the month
    named = _MONTHS[found[f"m{way}"].lower()]
    return datetime(int(found[f"y{way}"]), named, int(found[f"d{way}"]), tzinfo=UTC)

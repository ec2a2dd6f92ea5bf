"""Hours and days on which a feed wants no visit (RSS 2.0, skipHours and skipDays; GMT)."""

import re

_ENTRIES = re.compile(rb"<(?:item|entry)[\s>].*</(?:item|entry)\s*>", re.DOTALL)
_HOURS = re.compile(rb"<skipHours\s*>(.{0,4000}?)</skipHours\s*>", re.DOTALL | re.IGNORECASE)
_DAYS = re.compile(rb"<skipDays\s*>(.{0,4000}?)</skipDays\s*>", re.DOTALL | re.IGNORECASE)
_HOUR = re.compile(rb"<hour\s*>\s*(\d{1,2})\s*</hour\s*>", re.IGNORECASE)
_DAY = re.compile(rb"<day\s*>\s*([a-z]{3})[a-z]*\s*</day\s*>", re.IGNORECASE)
_NAMES = (b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun")


def read_quiet(data: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Hours (0 to 23) and days (0 is Monday) of a feed in UTF-8; neither parser tells them."""
    if b"<skip" not in data:
        return (), ()
    head = _ENTRIES.sub(b"", data)  # a post about feeds may show such marks as well
    hours = {int(hour) for part in _HOURS.findall(head) for hour in _HOUR.findall(part)}
    days = {day.lower() for part in _DAYS.findall(head) for day in _DAY.findall(part)}
    # RSS 0.91 counted hours from 1 to 24.
    return (
        tuple(sorted({hour % 24 for hour in hours if hour <= 24})),
        tuple(number for number, name in enumerate(_NAMES) if name in days),
    )

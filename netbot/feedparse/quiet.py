"""Hours and days on which a feed wants no visit (RSS 2.0, skipHours and skipDays; GMT)."""

import re

_ENTRY = re.compile(rb"<(?:item|entry)[\s>]")
_HOUR = re.compile(rb"<hour>\s{0,9}(\d{1,2})\s{0,9}</hour>", re.IGNORECASE)
_DAY = re.compile(rb"<day>\s{0,9}([a-z]{3})[a-z]{0,9}\s{0,9}</day>", re.IGNORECASE)
_NAMES = (b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun")
_LONGEST = 4000  # bytes: 24 hours with room to spare


def read_quiet(data: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Hours (0 to 23) and days (0 is Monday) of a feed in UTF-8; neither parser tells them."""
    if b"<skip" not in data:
        return (), ()
    data = _without_entries(data)
    # RSS 0.91 counted hours from 1 to 24.
    hours = {int(hour) for hour in _HOUR.findall(_within(data, b"skipHours"))}
    days = {day.lower() for day in _DAY.findall(_within(data, b"skipDays"))}
    return (
        tuple(sorted({hour % 24 for hour in hours if hour <= 24})),
        tuple(number for number, name in enumerate(_NAMES) if name in days),
    )


def _without_entries(data: bytes) -> bytes:
    """What stands around the entries: a post about feeds may show such marks as well."""
    first = _ENTRY.search(data)
    if first is None:
        return data
    last = max(data.rfind(b"</item"), data.rfind(b"</entry"), first.start())
    return data[: first.start()] + data[last + 1 :]


def _within(data: bytes, name: bytes) -> bytes:
    _, _, after = data.partition(b"<" + name + b">")
    return after[:_LONGEST].partition(b"</" + name)[0]

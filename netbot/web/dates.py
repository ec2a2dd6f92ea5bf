"""A calendar of whole days as iCalendar text (RFC 5545)."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

#: A line's longest, in bytes, its end not counted (RFC 5545, 3.1).
LONGEST_LINE = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that has a date."""

    uid: str
    at: datetime  # its local date is the day
    summary: str
    changed_at: datetime
    url: str


def calendar(name: str, events: Sequence[Event], time_zone: str) -> str:
    """The events as a calendar, each on the day that it is in that time zone."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//netbot//dates//EN",
        f"NAME:{_escape(name)}",
        f"X-WR-CALNAME:{_escape(name)}",
        *(line for event in events for line in _lines(event, ZoneInfo(time_zone))),
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _fold(line))


def plain(text: str) -> str:
    """A stranger's words in one line, without marks that nobody sees."""
    seen = (" " if unicodedata.category(each)[0] in "CZ" else each for each in text)
    return " ".join("".join(seen).split())


def _lines(event: Event, zone: ZoneInfo) -> Iterator[str]:
    day = event.at.astimezone(zone).date()
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{event.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escape(event.summary)}"
    yield f"URL:{event.url}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _escape(text: str) -> str:
    """As a value of type TEXT (RFC 5545, 3.3.11), in one line."""
    return re.sub(r"([\\;,])", r"\\\1", plain(text))


def _fold(line: str) -> Iterator[str]:
    """The line in pieces that are short enough; no character is torn apart."""
    piece, room = "", LONGEST_LINE
    for character in line:
        size = len(character.encode())
        if size > room:
            yield piece
            piece, room = " ", LONGEST_LINE - 1
        piece, room = piece + character, room - size
    yield piece

"""A strict reader of iCalendar text (RFC 5545): lines, folding, escapes, and what must be there."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

_LINE = re.compile(r"([A-Z][A-Z-]*)(?:;([A-Z-]+)=([^\";:,]+))?:(.*)")
_ESCAPED = re.compile(r"\\[\\;,nN]|[^\\;,\x00-\x08\x0a-\x1f\x7f]")
_ONCE = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "URL", "TRANSP"}


@dataclass
class Seen:
    """One event, its values read."""

    uid: str = ""
    summary: str = ""
    url: str = ""
    changed_at: datetime = datetime(1, 1, 1, tzinfo=UTC)
    start: date = date.min
    end: date = date.min
    names: list[str] = field(default_factory=list)


def read(text: str) -> list[Seen]:
    """The events of a calendar. Raises ``AssertionError`` where it is not as the RFC wants it."""
    raw = text.encode()
    assert raw.endswith(b"\r\n")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    for piece in raw.split(b"\r\n"):
        assert len(piece) <= 75
        piece.decode()  # no character is torn apart
    head, *lines, last = text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    assert (head, last) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    found: list[Seen] = []
    about: set[str] = set()
    now: Seen | None = None
    for line in lines:
        parts = _LINE.fullmatch(line)
        assert parts, line
        name, parameter, kind, value = parts.groups()
        if (name, value) == ("BEGIN", "VEVENT"):
            assert now is None
            now = Seen()
        elif (name, value) == ("END", "VEVENT"):
            assert now is not None
            assert sorted(now.names) == sorted(_ONCE)
            found, now = [*found, now], None
        elif now is None:
            assert name not in {"BEGIN", "END"}
            about.add(name)
        else:
            _take(now, name, (parameter, kind), value)
    assert now is None
    assert about >= {"VERSION", "PRODID"}
    assert len({each.uid for each in found}) == len(found)
    return found


def _take(event: Seen, name: str, parameter: tuple[str | None, str | None], value: str) -> None:
    event.names.append(name)
    is_date = name in {"DTSTART", "DTEND"}
    assert parameter == (("VALUE", "DATE") if is_date else (None, None))
    match name:
        case "DTSTART":
            event.start = datetime.strptime(value, "%Y%m%d").replace(tzinfo=UTC).date()
        case "DTEND":
            event.end = datetime.strptime(value, "%Y%m%d").replace(tzinfo=UTC).date()
        case "DTSTAMP":
            event.changed_at = datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        case "SUMMARY":
            assert "".join(_ESCAPED.findall(value)) == value
            event.summary = re.sub(r"\\(.)", r"\1", value)
        case "UID":
            event.uid = value
        case "URL":
            event.url = value
        case _:
            assert (name, value) == ("TRANSP", "TRANSPARENT")

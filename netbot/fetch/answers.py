"""What is asked, what comes back, and which of our errors an unfriendly status is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from netbot.model import Gone, NetworkError, RateLimited, Refused, Transient

# How long a server may silence us, and how long we stay away when it does not say.
LONGEST_WAIT_S = 7 * 24 * 3600
DEFAULT_WAIT_S = 3600


# Between several values of one header, but not within a date.
_JOINED = re.compile(r"(?<!Mon|Tue|Wed|Thu|Fri|Sat|Sun),")


class NotFound(Transient):
    """404: it may come back, or it has moved to another place."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Request:
    """One address to ask; two requests are never equal, so that each answer finds its own."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    apart_s: float = 0.0  # after the last answer of its host, in one ``fetch_all``


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """An address that sent us on, and the status with which it did."""

    url: str
    status: int
    wait_s: int | None = None  # how long it asks to be left alone (``Retry-After``)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A document (200), or the word that it has not changed (304)."""

    url: str  # where it was found in the end
    status: int
    headers: Mapping[str, str]  # names in lower case, repeated ones joined by ", "
    body: bytes  # unpacked
    hops: tuple[Hop, ...] = ()  # redirects on the way, in order


def shown(url: str) -> str:
    """An address fit for messages: without password and query, which may be secrets."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:200]
    except ValueError:
        return "this address"


def complaint(url: str, status: int, headers: Mapping[str, Sequence[str]]) -> NetworkError:
    """The error that a status other than 200, 304 or a redirect amounts to."""
    place = shown(url)
    wait_s = retry_after_s(headers.get("retry-after", ()), datetime.now(UTC))
    if status == 429 or (status == 503 and wait_s is not None):
        asked = f"{place} asks for a pause ({status})."
        return RateLimited(asked, retry_after_s=DEFAULT_WAIT_S if wait_s is None else wait_s)
    if status == 410:
        return Gone(f"{place} says that it is gone for good (410); remove or replace the source.")
    if status == 404:
        return NotFound(f"{place} is not found (404); check the address if this lasts.")
    if status >= 500 or status == 408 or 200 <= status < 300:
        return Transient(f"{place} answers {status}; netbot will try again.")
    return Refused(f"{place} refuses the request ({status}); open it in a browser to see why.")


def retry_after_s(values: Sequence[str], now: datetime) -> int | None:
    """Seconds that ``Retry-After`` headers ask for: the longest of them, at most 7 days.

    Counts both forms of RFC 9110 §10.2.3, several of them in one header as well; None when
    nothing sensible is there.
    """
    each = (part.strip() for value in values for part in _JOINED.split(value))
    waits = [wait for part in each if (wait := _wait_s(part, now)) is not None]
    return min(max(waits), LONGEST_WAIT_S) if waits else None


def _wait_s(value: str, now: datetime) -> int | None:
    if value.isascii() and value.isdigit():
        return int(value[:12])
    date = http_date(value)
    return max(0, round((date - now).total_seconds())) if date else None


def http_date(text: str) -> datetime | None:
    """A date as HTTP writes it, in UTC; None for anything else."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)

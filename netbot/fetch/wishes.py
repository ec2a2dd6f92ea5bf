"""What a server asks of those who come back: validators, freshness, pauses."""

import re
from collections.abc import Mapping
from datetime import datetime

from netbot.fetch.answers import Answer, http_date, retry_after_s

_MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,18})', re.IGNORECASE)


def echoable(validator: str) -> str:
    """The validator if a request may carry it back."""
    return validator if validator.isprintable() else ""


def pauses_s(answer: Answer, now: datetime) -> list[int]:
    """What the server, and those that sent us on to it, ask for by ``Retry-After``, in seconds.

    An answer may ask for a pause as well as a refusal does.
    """
    own = retry_after_s([answer.headers.get("retry-after", "")], now)
    return [wait or 0 for wait in (own, *(hop.wait_s for hop in answer.hops))]


def fresh_s(headers: Mapping[str, str], now: datetime) -> int | None:
    """Seconds for which the server calls its answer fresh (RFC 9111 §4.2.1); None for none."""
    ages = [int(age) for age in _MAX_AGE.findall(headers.get("cache-control", ""))]
    expires = http_date(headers.get("expires", ""))
    if expires is not None:
        date = http_date(headers.get("date", "")) or now
        ages.append(int((expires - date).total_seconds()))
    return max((age for age in ages if age > 0), default=None)

"""When to look again: our own interval, the server's wishes, and patience after failures. Pure."""

import zlib
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from netbot.model import House, Source

#: Nobody's server is asked more often than this, whatever the configuration says.
FLOOR_S = 1800

#: A server that cannot say "nothing new" cheaply is asked once in this time; also the longest
#: that a server's wish or our own patience may put a look off.
DAY_S = 86_400

#: The longest a Retry-After is believed.
WEEK_S = 7 * DAY_S


def is_local(source: Source, house: House) -> bool:
    """Whether the source stands on a host that ``allow_hosts`` opts in: there the floor is 0."""
    parts = urlsplit(source.address)
    host = (parts.hostname or "").casefold()
    names = {host, f"{host}:{parts.port}", f"[{host}]:{parts.port}"}
    return not names.isdisjoint(allowed.casefold() for allowed in house.allow_hosts)


def interval_s(source: Source, house: House) -> int:
    """How long to leave a source alone at least, in seconds."""
    if is_local(source, house):
        return house.min_interval_s
    return max(house.min_interval_s, FLOOR_S)


def after_success(
    source: Source, house: House, now: datetime, *, wish_s: int | None, conditional: bool
) -> datetime:
    """The next look after one that went well."""
    own = interval_s(source, house)
    if not conditional and not is_local(source, house):
        own = max(own, DAY_S)
    wait = max(own, min(wish_s or 0, DAY_S))
    return now + timedelta(seconds=wait)


def after_failure(source: Source, house: House, now: datetime, failures: int) -> datetime:
    """The next look after ``failures`` in a row: doubling, spread by the address, a day at most."""
    own = interval_s(source, house)
    longest = min(DAY_S, own * 2 ** min(failures, 20))
    spread = zlib.crc32(f"{source.address} {failures}".encode()) / 2**32
    return now + timedelta(seconds=max(own, round(longest * (0.5 + spread / 2))))


def after_refusal(source: Source, house: House, now: datetime, retry_after_s: int) -> datetime:
    """The next look after "come back later"; a wish of more than a week is not believed."""
    wait = max(interval_s(source, house), min(retry_after_s, WEEK_S))
    return now + timedelta(seconds=wait)

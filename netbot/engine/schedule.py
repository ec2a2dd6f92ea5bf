"""When to look again: our own interval, the server's wishes, and patience after failures. Pure."""

import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from netbot.model import House, Source
from netbot.network import Quiet
from netbot.store.sources import Watched

#: Nobody's server is asked more often than this, whatever the configuration says.
FLOOR_S = 1800

#: A server that cannot say "nothing new" cheaply is asked once in this time; also the longest
#: that our own patience may put a look off.
DAY_S = 86_400

#: The longest a Retry-After is believed, and how often one asks at a door that stays shut.
WEEK_S = 7 * DAY_S

#: After failing for so long a source is asked once a week.
SHUT_AFTER = timedelta(days=14)

#: A look begins up to this much after it was planned, when many are due at once.
PASS_S = 300


def host_of(source: Source) -> str:
    """The host on which a source stands; "" when its address names none."""
    return _host_and_port(source.address)[0]


def is_local(source: Source, house: House) -> bool:
    """Whether the source stands on a host that ``allow_hosts`` opts in: there the floor is 0."""
    host, port = _host_and_port(source.address)
    names = {host, f"{host}:{port}", f"[{host}]:{port}"}
    return not names.isdisjoint(allowed.casefold() for allowed in house.allow_hosts)


def interval_s(source: Source, house: House) -> int:
    """How long to leave a source alone at least, in seconds."""
    if is_local(source, house):
        return house.min_interval_s
    return max(house.min_interval_s, FLOOR_S)


def before_a_look(watched: Watched, house: House, now: datetime) -> datetime:
    """The next look if this one ends without a word.

    However late in its pass it is made, and not sooner than was right the last time.
    """
    late_s = 0 if is_local(watched.source, house) else PASS_S
    wait = timedelta(seconds=interval_s(watched.source, house) + late_s)
    if watched.next_check and watched.tried_at:
        wait = max(wait, min(watched.next_check - watched.tried_at, timedelta(seconds=DAY_S)))
    return outside(watched.quiet, now + wait, now)


def after_success(
    source: Source,
    house: House,
    now: datetime,
    *,
    wish_s: int | None,
    conditional: bool,
    quiet: Quiet,
) -> datetime:
    """The next look after one that went well; a wish of more than a week is not believed."""
    own = interval_s(source, house)
    if not conditional and not is_local(source, house):
        own = max(own, DAY_S)
    wait = max(own, min(wish_s or 0, WEEK_S))
    return outside(quiet, now + timedelta(seconds=wait), now)


def after_failure(
    watched: Watched, house: House, now: datetime, *, failures: int, since: datetime
) -> datetime:
    """The next look after ``failures`` in a row, the first of them at ``since``.

    Somewhere between our own interval and its doubled multiple, a day at most; the place is drawn
    by address and count, so that feeds of one host do not come back together. After two weeks it
    is once a week, and never less.
    """
    own = interval_s(watched.source, house)
    if now - since >= SHUT_AFTER:
        wait = max(own, WEEK_S)
    else:
        longest = max(own, min(DAY_S, own * 2 ** min(failures, 20)))
        drawn = zlib.crc32(f"{watched.source.address} {failures}".encode()) / 2**32
        wait = own + round(drawn * (longest - own))
    return outside(watched.quiet, now + timedelta(seconds=wait), now)


def after_refusal(
    source: Source, house: House, now: datetime, retry_after_s: int, *, failures: int
) -> datetime:
    """The next look after "come back later"; a wish of more than a week is not believed.

    Who says so again and again is asked ever less often, up to once a day.
    """
    own = interval_s(source, house)
    slower = min(DAY_S, own * 2 ** min(failures - 1, 20))
    return now + timedelta(seconds=max(own, slower, min(retry_after_s, WEEK_S)))


def clamp(watched: Watched, house: House, now: datetime) -> datetime | None:
    """The next look, when the one planned was planned by a clock that was wrong; else None.

    A clock that went ahead and came back leaves a last look in the future, or a plan further away
    than any that is ever made.
    """
    own = interval_s(watched.source, house)
    latest = now + timedelta(seconds=max(own + PASS_S, WEEK_S))
    ahead = watched.tried_at is not None and watched.tried_at > now
    if watched.next_check is None or not (ahead or watched.next_check > latest):
        return None
    return min(watched.next_check, now + timedelta(seconds=own))


def host_pauses(everything: Iterable[Watched], now: datetime) -> dict[str, datetime]:
    """Until when each host asked for a pause: who says it to one feed means all on that host.

    A pause of more than a week is the mistake of a clock.
    """
    pauses: dict[str, datetime] = {}
    for watched in everything:
        until = watched.paused_until
        if until is not None and until <= now + timedelta(seconds=WEEK_S):
            host = host_of(watched.source)
            pauses[host] = max(until, pauses.get(host, until))
    return pauses


def outside(quiet: Quiet, at: datetime, now: datetime) -> datetime:
    """The first moment from ``at`` on at which a source may be visited; a week away at most.

    Hours and days in GMT, as in RSS (skipHours, skipDays). One that never may is asked all the
    same: nobody publishes a feed for nobody.
    """
    found = at
    latest = max(at, now + timedelta(seconds=WEEK_S))
    while found.hour in quiet.hours or found.weekday() in quiet.days:
        found = found.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        if found > latest:
            return at
    return found


def _host_and_port(address: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host, port = parts.hostname, parts.port
    except ValueError:  # the network will say what is wrong with it
        return "", None
    return host or "", port

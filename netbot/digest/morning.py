"""One mail and one notification a local date, noted before they leave: nothing leaves twice.

Each has a note of its own, so what becomes of the one neither holds up nor repeats the other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from netbot import clock
from netbot.app import Sphere
from netbot.config.names import MAIL
from netbot.digest.composing import compose
from netbot.digest.notifying import notify, summarise
from netbot.digest.posting import NotSent, post
from netbot.model import Digest, NetbotError, Unsure
from netbot.store import dates, houses
from netbot.store.houses import Heartbeat

#: After so long what has surely not left is tried again.
AGAIN_AFTER = timedelta(minutes=10)

SENT = "sent"

#: Sends what was prepared; raises ``Unsure`` when nobody knows whether it left.
Sending: TypeAlias = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way in which the morning is told."""

    job: str  # the heartbeat that tells of it
    is_wanted: Callable[[Digest], bool]
    prepare: Callable[[Sphere, datetime], Sending | None]  # None: nothing waits
    nothing: str  # the notes
    leaving: str
    not_sent: str


def send_due(sphere: Sphere, now: datetime) -> str:
    """Send what the day that is open wants and is due; what is wrong with it, or "".

    A process that dies between note and answer leaves the note: that is not sent again.
    """
    digest = sphere.house.digest
    if digest is None:
        return ""
    wanted = [way for way in (MAILED, NOTIFIED) if way.is_wanted(digest)]
    return "; ".join(filter(None, [_send_due(sphere, way, now) for way in wanted]))


def _send_due(sphere: Sphere, way: Way, now: datetime) -> str:
    day = clock.due_date(now, sphere.house.opens_at, sphere.house.time_zone)
    with sphere.store.read() as tx:
        is_open = dates.is_open(tx, day)
        last = next((beat for beat in houses.pulse(tx) if beat.job == way.job), None)
    if not is_open or not _is_due(sphere, way, last, day, now):
        return "" if last is None or last.ok else last.note
    send = way.prepare(sphere, now)
    if send is None:
        return _note(sphere, way, now, way.nothing, ok=True)
    _note(sphere, way, now, way.leaving, ok=False)
    try:
        send()
    except Unsure as error:
        return _note(sphere, way, now, str(error), ok=False)
    except NetbotError as error:
        told = str(error) if isinstance(error, NotSent) else f"{error}; see digest in the guide"
        return _note(sphere, way, now, f"{way.not_sent} {told}", ok=False)
    return _note(sphere, way, now, SENT, ok=True)


def _is_due(sphere: Sphere, way: Way, last: Heartbeat | None, day: date, now: datetime) -> bool:
    if last is None:
        return True
    told_of = clock.due_date(last.at, sphere.house.opens_at, sphere.house.time_zone)
    if told_of < day:
        return True
    return last.note.startswith(way.not_sent) and now - last.at >= AGAIN_AFTER


def _note(sphere: Sphere, way: Way, now: datetime, note: str, *, ok: bool) -> str:
    with sphere.store.write() as tx:
        houses.beat(tx, way.job, now, ok=ok, note=note)
    return "" if ok else note


def _mail(sphere: Sphere, now: datetime) -> Sending | None:
    mail, digest = compose(sphere, now), sphere.house.digest
    if mail is None or digest is None:
        return None
    return lambda: post(mail, digest, sphere.secrets.get(MAIL) if digest.user else None)


def _notification(sphere: Sphere, now: datetime) -> Sending | None:
    told = summarise(sphere, now)
    return None if told is None else lambda: notify(sphere, told)


MAILED = Way(
    job="digest",
    is_wanted=lambda digest: bool(digest.to and digest.server),
    prepare=_mail,
    nothing="nothing waits, no mail",
    leaving="the mail was leaving when netbot stopped; look whether it came",
    not_sent="no morning mail:",
)
NOTIFIED = Way(
    job="notification",
    is_wanted=lambda digest: bool(digest.notify),
    prepare=_notification,
    nothing="nothing waits, no notification",
    leaving="the notification was leaving when netbot stopped; look whether it came",
    not_sent="no notification:",
)

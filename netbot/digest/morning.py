"""One mail a local date: noted before it leaves, so that it never leaves twice."""

from datetime import date, datetime, timedelta

from netbot import clock
from netbot.app import Sphere
from netbot.config.names import MAIL
from netbot.digest.composing import compose
from netbot.digest.posting import NotSent, post
from netbot.model import NetbotError, Unsure
from netbot.store import dates, houses
from netbot.store.houses import Heartbeat

#: The heartbeat that tells of the mail.
JOB = "digest"

#: After so long a mail that has surely not left is tried again.
AGAIN_AFTER = timedelta(minutes=10)

NOT_SENT = "no morning mail:"
SENT, NOTHING = "sent", "nothing waits, no mail"
LEAVING = "the mail was leaving when netbot stopped; look whether it came"


def send_due(sphere: Sphere, now: datetime) -> str:
    """Send the mail of the day that is open, if it is due; what is wrong with it, or "".

    A process that dies between note and answer leaves the note: that mail is not sent again.
    """
    digest = sphere.house.digest
    if digest is None or not digest.server:
        return ""
    day = clock.due_date(now, sphere.house.opens_at, sphere.house.time_zone)
    with sphere.store.read() as tx:
        is_open = dates.is_open(tx, day)
        last = next((beat for beat in houses.pulse(tx) if beat.job == JOB), None)
    if not is_open or not _is_due(sphere, last, day, now):
        return "" if last is None or last.ok else last.note
    mail = compose(sphere, now)
    if mail is None:
        return _note(sphere, now, NOTHING, ok=True)
    _note(sphere, now, LEAVING, ok=False)
    try:
        post(mail, digest, sphere.secrets.get(MAIL) if digest.user else None)
    except Unsure as error:
        return _note(sphere, now, str(error), ok=False)
    except NetbotError as error:
        told = str(error) if isinstance(error, NotSent) else f"{error}; see digest in the guide"
        return _note(sphere, now, f"{NOT_SENT} {told}", ok=False)
    return _note(sphere, now, SENT, ok=True)


def _is_due(sphere: Sphere, last: Heartbeat | None, day: date, now: datetime) -> bool:
    if last is None:
        return True
    told_of = clock.due_date(last.at, sphere.house.opens_at, sphere.house.time_zone)
    if told_of < day:
        return True
    return last.note.startswith(NOT_SENT) and now - last.at >= AGAIN_AFTER


def _note(sphere: Sphere, now: datetime, note: str, *, ok: bool) -> str:
    with sphere.store.write() as tx:
        houses.beat(tx, JOB, now, ok=ok, note=note)
    return "" if ok else note

"""The lock of the page: the password, who is in, and how long one waits after too many tries.

Without a password the page is open to this machine and to nobody else. Figures follow OWASP ASVS
5.0, chapters 6 and 7, and "Slow Down Online Guessing Attacks with Device Cookies" (owasp.org).
"""

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from netbot.store.door import Door, Session

if TYPE_CHECKING:
    from argon2 import PasswordHasher

#: A session ends so long after its last page ...
IDLE = timedelta(hours=12)

#: ... and so long after its beginning.
LONGEST = timedelta(days=30)

#: How long a link to set the password can be used.
LINK_LASTS = timedelta(hours=24)

#: How many tries in vain cost no waiting, and how long one waits at most, in seconds.
FREE_TRIES = 5
LONGEST_WAIT_S = 900

#: In characters. Argon2 reads any length; somebody who sends a megabyte wants to tire us.
SHORTEST, LONGEST_PASSWORD = 12, 1024

#: Of zxcvbn's scores (0 to 4): "safely unguessable: moderate protection from offline attack".
LEAST_SCORE = 3

#: A session is noted anew in the database when somebody acts and it was noted so long ago.
NOTE_AFTER = timedelta(minutes=5)


class Fault(StrEnum):
    """Why a password cannot be set."""

    SHORT = "short"
    LONG = "long"
    WEAK = "weak"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What a browser that was let in is handed, once; only hashes of it are kept."""

    session: str
    browser: str


class Lock:
    """One for each process that serves the page; its threads share it.

    ``must`` keeps everybody out until a password is set: others can reach the page.
    """

    def __init__(self, path: Path, *, must: bool, now: Callable[[], datetime]) -> None:
        self.must = must
        self._door = Door(path)
        self._now = now
        self._seen: dict[str, datetime] = {}  # reading writes nothing, so this is not on the disk
        self._trying = threading.Lock()

    @property
    def has_password(self) -> bool:
        """Whether one was set."""
        return self._door.password() is not None

    @property
    def is_locked(self) -> bool:
        """Whether anybody has to show anything."""
        return self.must or self.has_password

    def link(self) -> str:
        """A new secret for the address at which a password is set, once; an older one is void."""
        token = secrets.token_urlsafe(32)
        self._door.put_link(_sha(token), self._now() + LINK_LASTS)
        return token

    def opens(self, link: str) -> bool:
        """Whether a password can be set there."""
        return self._door.has_link(_sha(link), self._now())

    def who(self, token: str) -> Session | None:
        """The session of a browser that shows this, while it lasts."""
        session = self._door.session(_sha(token)) if token else None
        if session is None:
            return None
        now = self._now()
        seen = max(session.seen_at, self._seen.get(session.sha256, session.seen_at))
        if now - seen > IDLE or now - session.begun_at > LONGEST:
            return None
        self._seen[session.sha256] = now
        return session

    def note(self, session: Session) -> None:
        """Somebody acts: that they were here outlasts this process."""
        if self._now() - session.seen_at > NOTE_AFTER:
            self._door.see(session.sha256, self._now())

    def wait_s(self, browser: str) -> int:
        """For how many seconds nobody can try with this browser; 0 when at once.

        Browsers that were let in before are counted each by itself: whoever guesses elsewhere
        does not lock the owner out.
        """
        return pause_s(*self._door.tries(self._by(browser)), self._now())

    def enter(self, password: str, browser: str, name: str) -> Key | None:
        """Let somebody in with the right password; None for a wrong one, or while one waits.

        Tries come one after the other. ``name`` is what the browser calls itself.
        """
        with self._trying:
            return self._admit(browser, name) if self._knows(password, browser) else None

    def enter_otherwise(self, opens: Callable[[], bool], browser: str, name: str) -> Key | None:
        """Let somebody in who shows something else than the password, if that opens.

        In vain it counts as a wrong password does, and one waits as long.
        """
        with self._trying:
            if not self.has_password or self.wait_s(browser):
                return None
            if opens():
                return self._admit(browser, name)
            self._door.note_try(self._by(browser), self._now())
            return None

    def confirm(self, password: str, browser: str) -> bool:
        """Whether somebody who is in gives the right password; a wrong one is a try in vain."""
        with self._trying:
            return self._knows(password, browser)

    def set_password(self, password: str, browser: str, name: str) -> Key:
        """Let this be the password from now on; everybody else is out."""
        with self._trying:
            self._door.set_password(_hasher().hash(password), self._now())
            return self._admit(browser, name)

    def sessions(self) -> list[Session]:
        """Everybody who is in, the newest first."""
        now = self._now()
        return [
            each
            for each in self._door.sessions()
            if now - self._seen.get(each.sha256, each.seen_at) <= IDLE
            and now - each.begun_at <= LONGEST
        ]

    def leave(self, session: Session) -> None:
        """Let this one be out."""
        self._door.end(session.sha256)

    def leave_others(self, session: Session) -> None:
        """Let everybody else be out."""
        everybody = {each.sha256 for each in self._door.sessions()}
        self._door.end(*everybody - {session.sha256})

    def close(self) -> None:
        """Give the database back."""
        self._door.close()

    def _knows(self, password: str, browser: str) -> bool:
        kept = self._door.password()
        if kept is None or self.wait_s(browser):
            return False
        if not _verify(kept, password):
            self._door.note_try(self._by(browser), self._now())
            return False
        if _hasher().check_needs_rehash(kept):
            self._door.rehash(_hasher().hash(password))
        return True

    def _admit(self, browser: str, name: str) -> Key:
        """The token is a new one each time, whatever the browser showed before."""
        key = Key(session=secrets.token_urlsafe(32), browser=browser or secrets.token_urlsafe(32))
        now = self._now()
        over = [each.sha256 for each in self._door.sessions() if now - each.begun_at > LONGEST]
        self._door.end(*over)
        session = Session(sha256=_sha(key.session), begun_at=now, seen_at=now, browser=name[:200])
        self._door.begin(session, _sha(key.browser))
        return key

    def _by(self, browser: str) -> str:
        sha = _sha(browser) if browser else ""
        return sha if sha and self._door.is_known(sha) else ""


def pause_s(tries: int, last: datetime | None, now: datetime) -> int:
    """For how many seconds one waits after so many tries in vain; 0 when not at all."""
    if last is None or tries < FREE_TRIES:
        return 0
    pause = timedelta(seconds=min(2 ** min(tries - FREE_TRIES, 20), LONGEST_WAIT_S))
    left = (last + pause - now).total_seconds()
    return max(0, min(ceil(left), LONGEST_WAIT_S))


def find_fault(password: str) -> Fault | None:
    """Why this cannot be the password; None when it can."""
    from zxcvbn import zxcvbn

    if len(password) < SHORTEST:
        return Fault.SHORT
    if len(password) > LONGEST_PASSWORD:
        return Fault.LONG
    told = zxcvbn(password[:72], user_inputs=["netbot", "nettworking"])
    return Fault.WEAK if told["score"] < LEAST_SCORE else None


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()  # RFC 9106, low-memory: 64 MiB, 3 passes


def _verify(kept: str, password: str) -> bool:
    from argon2.exceptions import VerifyMismatchError

    try:
        return _hasher().verify(kept, password[:LONGEST_PASSWORD])
    except VerifyMismatchError:
        return False


def _sha(token: str) -> str:
    """Tokens have 256 bits of chance: a plain hash of them tells nothing."""
    return hashlib.sha256(token.encode()).hexdigest()

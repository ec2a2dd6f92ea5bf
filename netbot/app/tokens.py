"""Tokens: with one a program reads or proposes in one sphere. No token approves anything."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from netbot.app.homes import data_folder, require_sphere
from netbot.model import UnknownId, UsageError
from netbot.store.door import Door, Right, Token
from netbot.text import mark

#: So that a token is known for one wherever it turns up, by those who search for lost ones too.
PREFIX = "netbot_"

#: What can be one; all else is not looked up.
SHAPE = re.compile(rf"{PREFIX}[\w-]{{43}}", re.ASCII)

#: In characters.
LONGEST_NAME = 60

#: What a secret address ends in.
QUEUE_FEED, CALENDAR = "queue.atom", "dates.ics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new token: the only time that its secret can be seen."""

    token: Token
    secret: str

    def addresses(self, front: str) -> tuple[str, ...]:
        """Where a program reads the feed and the calendar, below the front page's address."""
        if self.token.right is not Right.FEED:
            return ()
        return tuple(f"{front}feeds/{self.secret}/{name}" for name in (QUEUE_FEED, CALENDAR))


def make(home: Path, *, name: str, sphere: str, right: Right, now: datetime) -> Made:
    """Make a token for one sphere; its hash is kept.

    Raises ``UsageError`` for a name that is empty or too long, and for a sphere that is not there.
    """
    called = " ".join(name.split())
    if not 0 < len(called) <= LONGEST_NAME:
        raise UsageError(
            mark("name the program that will use it, in up to {most} characters"), most=LONGEST_NAME
        )
    require_sphere(home, sphere)
    secret = PREFIX + secrets.token_urlsafe(32)
    with _door(home) as door:
        token = door.add_token(name=called, sphere=sphere, right=right, sha256=sha(secret), now=now)
    return Made(token=token, secret=secret)


def everything(home: Path) -> list[Token]:
    """The tokens of a home, the oldest first."""
    with _door(home) as door:
        return door.tokens()


def revoke(home: Path, id: int) -> None:
    """Let a token open nothing any more. Raises ``UnknownId``."""
    with _door(home) as door:
        if not door.remove_token(id):
            told = f"there is no token {id}: `netbot token list` shows them"
            raise UnknownId(str(id), told)


def sha(secret: str) -> str:
    """Tokens have 256 bits of chance: a plain hash of them tells nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _door(home: Path) -> Door:
    return Door(data_folder(home) / "web.db")

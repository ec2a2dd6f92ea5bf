"""Tokens at the door: who shows a good one, and how trying in vain is slowed down."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from netbot import log
from netbot.app import tokens
from netbot.store.door import Door, Token
from netbot.web.lock import NOTE_AFTER, pause_s


class Keys:
    """One for each process that serves the page; its threads share it.

    Nobody can guess 256 bits of chance, so a good token never waits. What is slowed down is a
    program that goes on with one that was revoked. Reading writes nothing: the count is not kept.
    """

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._door = Door(path)
        self._now = now
        self._lock = threading.Lock()
        self._vain, self._last_vain = 0, now()
        self._seen: dict[int, datetime] = {}

    def find(self, secret: str) -> Token | None:
        """The token behind what somebody shows."""
        good = tokens.SHAPE.fullmatch(secret)
        token = self._door.token(tokens.sha(secret)) if good else None
        with self._lock:
            if token is None:
                log.info("token refused", times=self._vain + 1)
                self._vain, self._last_vain = self._vain + 1, self._now()
            else:
                self._vain = 0
                self._seen[token.id] = self._now()
        return token

    def wait_s(self) -> int:
        """For how many seconds those who tried in vain are told to wait; 0 for none."""
        with self._lock:
            return pause_s(self._vain, self._last_vain, self._now())

    def note(self, token: Token) -> None:
        """Somebody changes something with it: that outlasts this process."""
        if token.used_at is None or self._now() - token.used_at > NOTE_AFTER:
            self._door.use_token(token.id, self._now())

    def used_at(self, token: Token) -> datetime | None:
        """When it was last shown, as far as this process knows."""
        known = (self._seen.get(token.id), token.used_at)
        return max((at for at in known if at), default=None)

"""Which sphere acts on what: one object on a network is acted upon from one sphere only.

The spheres share nothing but this folder, and it tells none of them anything about another: a
claim is a file named by a keyed hash of the address, and holds a keyed hash of the sphere's name.
"""

import hmac
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from netbot.feedparse.identity import canonical
from netbot.model import PolicyRefused, StoreError

#: Length of the key, in bytes.
KEY_BYTES = 32


class Claims:
    """One sphere's hand on the objects that it acts upon.

    Takes and releases must happen while the sphere's database is locked for writing, so that
    what is claimed and what stands in the outbox cannot drift apart.
    """

    def __init__(self, data: Path, sphere: str) -> None:
        """``data`` is the home's data folder. Raises ``StoreError`` when it cannot be used."""
        self._folder = data / "claims"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._key = _read_key(data / "claims.key")
        except OSError as error:
            raise StoreError(f"{self._folder} cannot be used: {error.strerror}") from error
        self._mine = self._hash("sphere", sphere)

    def take(self, target: str) -> bool:
        """Claim an address; False when it is this sphere's already.

        Raises ``PolicyRefused`` when another sphere acts there, ``StoreError`` when nobody can
        tell.
        """
        claim = self._folder / self._hash("target", canonical(target) or target)
        try:
            return self._put(claim) or self._require_mine(claim, target)
        except OSError as error:
            raise StoreError(f"{claim.parent} cannot be written: {error.strerror}") from error

    def keep_only(self, live: Iterable[str]) -> int:
        """Release every claim of this sphere but those on ``live`` addresses. Returns how many."""
        names = {self._hash("target", canonical(target) or target) for target in live}
        released = [claim for claim in self._ours() if claim.name not in names]
        for claim in released:
            claim.unlink(missing_ok=True)
        return len(released)

    def _put(self, claim: Path) -> bool:
        """Whole or not at all: a claim that nobody's name stands in would block everybody."""
        try:
            _link(claim, self._mine.encode())
        except FileExistsError:
            return False
        return True

    def _require_mine(self, claim: Path, target: str) -> bool:
        if not hmac.compare_digest(claim.read_text(encoding="ascii"), self._mine):
            raise PolicyRefused(
                f"another sphere acts on {target}; one object is acted upon from one sphere only"
            )
        return False

    def _ours(self) -> Iterator[Path]:
        for claim in self._folder.iterdir():
            with suppress(FileNotFoundError):  # another sphere has just released it
                if not claim.name.startswith(".") and claim.read_text("ascii") == self._mine:
                    yield claim

    def _hash(self, kind: str, text: str) -> str:
        return hmac.new(self._key, f"{kind} {text}".encode(), "sha256").hexdigest()


def _read_key(file: Path) -> bytes:
    """The key of this home, made at first use; of two who make it at once, one wins."""
    if not file.exists():
        with suppress(FileExistsError):
            _link(file, secrets.token_bytes(KEY_BYTES))
    key = file.read_bytes()
    if len(key) != KEY_BYTES:
        raise StoreError(f"{file} is damaged: restore it from a backup")
    return key


def _link(file: Path, content: bytes) -> None:
    """Make a file with its content, at once; raises ``FileExistsError`` when there is one."""
    written = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(descriptor)
        os.link(written, file)
    finally:
        written.unlink()

"""The secrets of one sphere. There is no way to ask for another's, nor for all of them.

These places are looked at in turn; the first that holds something counts:

    NETBOT_<SPHERE>__<ID>__TOKEN               in the environment, hyphens as underscores
    NETBOT_<SPHERE>__<ID>__TOKEN_FILE          the same, naming a file
    secrets/<sphere>/<ID>.token                in the home
    /run/secrets/netbot_<sphere>_<ID>_token    what a container engine laid down

What a network hands out on the strength of a secret, such as a session, is kept by netbot itself
in secrets/<sphere>/<ID>.session.
"""

import hashlib
import hmac
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_bytes
from typing import NoReturn

from netbot import log
from netbot.config import names
from netbot.model import PolicyRefused, UsageError
from netbot.wholefile import write_whole

#: Where container engines lay secrets down, readable by whoever is in the container.
CONTAINER = Path("/run/secrets")

#: In characters. Nothing shorter is a token, and to mask it everywhere would garble the log.
SHORTEST = 8

#: In bytes.
LONGEST = 65_536


class Secrets:
    """One sphere's secrets: whoever holds this may ask for these, and only for these."""

    __slots__ = ("_container", "_data", "_environ", "_home", "sphere")

    def __init__(
        self, home: Path, sphere: str, environ: Mapping[str, str], *, container: Path = CONTAINER
    ) -> None:
        """``environ`` is looked at for variables of this sphere only.

        Makes the sphere's folder, closed to others, where it can. Raises ``UsageError`` for what
        cannot be a sphere's name.
        """
        if not names.is_sphere(sphere):
            raise UsageError(f"“{sphere}” is no sphere")
        mine = names.prefix(sphere)
        self.sphere = sphere
        self._home = home
        self._data = home / "data" / sphere
        self._container = Path(os.path.realpath(container))
        self._environ = {name: value for name, value in environ.items() if name.startswith(mine)}
        for folder in (home / "secrets", home / "secrets" / sphere):
            _close_to_others(folder)

    def __repr__(self) -> str:
        return f"Secrets({self.sphere!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("secrets stay in the process that opened them")

    def get(self, account: str) -> str | None:
        """The account's secret, or None; the log masks it from now on.

        Raises ``PolicyRefused`` for a file that others can read or that may be another sphere's,
        and ``UsageError`` for one that holds no secret.
        """
        place, found = self._find(account)
        if isinstance(found, Path):
            found = _read(found, place, private=found.parent != self._container)
        return None if found is None else _proper(found, place)

    def where(self, account: str) -> str:
        """The place at which the account's secret stands, or else belongs."""
        return self._find(account)[0]

    def drawer(self, account: str) -> "SessionFile":
        """Where what the network hands out to that account is kept. Raises ``UsageError``."""
        if not names.is_account(account):
            raise UsageError(f"“{account}” is no account's id")
        place = names.session_file(self.sphere, account)
        return SessionFile(place, self._own(self._home / place))

    def mark(self, secret: str) -> str:
        """64 hex digits that change with the secret and tell nothing about it."""
        key = _own_key(self._data / "marks.key")
        return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()

    def _find(self, account: str) -> tuple[str, str | Path | None]:
        """What the place is called, and the secret or the file that it holds."""
        if not names.is_account(account):
            raise UsageError(f"“{account}” is no account's id")
        variable = names.variable(self.sphere, account)
        if value := self._environ.get(variable, "").strip():
            return variable, value
        if named := self._environ.get(f"{variable}_FILE", "").strip():
            return f"{variable}_FILE ({named})", self._own(self._home / named)
        usual = names.file(self.sphere, account)
        laid_down = self._container / names.container_file(self.sphere, account)
        for place, path in ((usual, self._home / usual), (str(laid_down), laid_down)):
            if path.is_symlink() or path.exists():
                return place, self._own(path)
        return usual, None

    def _own(self, path: Path) -> Path:
        """Where a path leads. Raises ``PolicyRefused`` when that may be another sphere's."""
        real = Path(os.path.realpath(path))
        shared = Path(os.path.realpath(self._home / "secrets"))
        strays = path.is_relative_to(self._home / "secrets") or real.is_relative_to(shared)
        laid_down = real.parent == self._container and real.name.startswith("netbot_")
        if (strays and not real.is_relative_to(shared / self.sphere)) or (
            laid_down and not real.name.startswith(f"netbot_{self.sphere}_")
        ):
            raise PolicyRefused(
                f"{path} leads to {real}, which may be another sphere's: put the secret itself"
                f" into {shared / self.sphere}"
            )
        return real


class SessionFile:
    """One file of secrets that netbot writes: it is the ``Drawer`` of an account."""

    __slots__ = ("_path", "_place")

    def __init__(self, place: str, path: Path) -> None:
        self._place, self._path = place, path

    def __repr__(self) -> str:
        return f"SessionFile({self._place!r})"

    def read(self) -> str:
        """What was kept last, "" when there is nothing.

        Raises ``PolicyRefused`` for a file that others can read, ``UsageError`` for one that
        cannot be read at all.
        """
        if not self._path.exists():
            return ""
        return _read(self._path, self._place, private=True)

    def write(self, text: str) -> None:
        """Keep this instead; it is on the disk afterwards. Raises ``UsageError`` when it cannot."""
        try:
            write_whole(self._path, text.encode())
        except OSError as error:
            raise UsageError(
                f"{self._place} cannot be written ({error.strerror}): netbot keeps there what the"
                " network hands out; give it the right to write in that folder"
            ) from error


def _proper(value: str, place: str) -> str:
    secret = value.strip()
    try:
        secret.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{place} holds no text") from None
    if len(secret) < SHORTEST:
        raise UsageError(f"{place} holds no secret: it has fewer than {SHORTEST} characters")
    log.hide(secret)
    return secret


def _read(path: Path, place: str, *, private: bool) -> str:
    """A small file; its rights are asked for when it is open and cannot be another any more.

    No link that was put there meanwhile is followed, and no pipe is waited for.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            mode = os.fstat(descriptor).st_mode
            content = os.read(descriptor, LONGEST + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UsageError(f"{place} cannot be read: {error.strerror}") from None
    if private and mode & 0o077:
        raise PolicyRefused(f"others can read {place}; close it with: chmod 600 {path}")
    if len(content) > LONGEST:
        raise UsageError(f"{place} is too large for a secret")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise UsageError(f"{place} holds no text") from None


def _close_to_others(folder: Path) -> None:
    """In a container it may be read-only; the files in it are looked at in any case."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)


def _own_key(path: Path) -> bytes:
    """Random, made once; who loses it is asked by each network once more who they are."""
    with suppress(FileNotFoundError):
        return path.read_bytes()
    with tempfile.NamedTemporaryFile(dir=path.parent) as new:
        new.write(token_bytes(32))
        new.flush()
        with suppress(FileExistsError):  # another process was quicker
            os.link(new.name, path)
    return path.read_bytes()

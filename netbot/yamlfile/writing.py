"""A YAML file that people write by hand, changed by netbot and put in its place."""

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from netbot.model import NetbotError
from netbot.text import mark
from netbot.yamlfile.changing import change, remove
from netbot.yamlfile.inserting import insert

__all__ = ["Editing", "change", "insert", "remove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """A file as it was when the change began."""

    path: Path
    name: str  # what problems call the file
    content: bytes

    @classmethod
    def begin(cls, path: Path, *, name: str) -> "Editing":
        """Read the file. Raises ``NetbotError`` when that is not possible."""
        try:
            return cls(path=path, name=name, content=path.read_bytes())
        except OSError as error:
            raise _unusable(mark("{name} cannot be read: {error}"), name, error) from error

    @property
    def text(self) -> str:
        """The file as text; what is no UTF-8 becomes something that no YAML may hold."""
        return self.content.decode(errors="surrogateescape")

    @property
    def sha256(self) -> str:
        """Of the bytes, hex: a form carries it, so that a change in between is seen."""
        return sha256(self.content).hexdigest()

    def insert(self, section: str, entry: Mapping[str, Any]) -> str:
        """The whole text with ``entry`` as the last one of the list ``section``."""
        return insert(self.text, section, entry, name=self.name)

    def change(self, path: Sequence[str | int], value: object) -> str:
        """The whole text with ``value`` at ``path``, see ``changing.change``."""
        return change(self.text, path, value, name=self.name)

    def remove(self, path: Sequence[str | int]) -> str:
        """The whole text without what stands at ``path``, see ``changing.remove``."""
        return remove(self.text, path, name=self.name)

    def save(self, text: str) -> None:
        """Put ``text`` in the file's place, at once and with the mode it has.

        Raises ``NetbotError`` when somebody else has changed the file since ``begin``.
        """
        target = self.path.resolve()  # a link stays a link
        try:
            with _alone_in(target.parent):
                if target.read_bytes() != self.content:
                    raise NetbotError(
                        mark(
                            "{name} was changed by somebody else in the meantime: nothing was "
                            "written, try again"
                        ),
                        name=self.name,
                    )
                _replace(target, text.encode())
        except OSError as error:
            raise _unusable(mark("{name} cannot be written: {error}"), self.name, error) from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """No other netbot changes a file in that folder meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _replace(target: Path, content: bytes) -> None:
    """Whoever looks sees the old file or the new one, also after a power cut."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), target.stat().st_mode & 0o7777)
            os.fsync(file.fileno())
        Path(name).replace(target)
    except OSError:
        Path(name).unlink()
        raise


def _unusable(message: str, name: str, error: OSError) -> NetbotError:
    return NetbotError(message, name=name, error=error.strerror or str(error))

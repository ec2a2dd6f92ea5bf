"""Mails that somebody put into a folder as ``.eml`` files."""

from pathlib import Path

from netbot.feedparse import Letter, Parser
from netbot.model import Refused

#: Files of the folder that are read, the newest.
MOST_FILES = 500

#: The largest mail that is read, in bytes.
LARGEST = 4 * 1024**2


class Dropped:
    """The folder's letters; each file is read once as long as it stays what it is."""

    def __init__(self, folder: Path | None, parser: Parser) -> None:
        self._folder = folder
        self._parser = parser
        self._read: dict[tuple[str, int, int], Letter | None] = {}

    def letters(self) -> list[Letter]:
        """Every letter in the folder, oldest file first; what is no mail is left out."""
        found: dict[tuple[str, int, int], Letter | None] = {}
        for mark, path in self._files():
            found[mark] = self._read[mark] if mark in self._read else self._open(path)
        self._read = found
        return [letter for letter in found.values() if letter is not None]

    def _files(self) -> list[tuple[tuple[str, int, int], Path]]:
        paths = [] if self._folder is None else list(self._folder.glob("*.eml"))
        marked = []
        for path in paths:
            try:
                seen = path.stat()
            except OSError:  # just taken away, or a link to nowhere
                continue
            if path.is_file() and seen.st_size <= LARGEST:
                marked.append(((path.name, seen.st_mtime_ns, seen.st_size), path))
        return sorted(marked, key=lambda each: (each[0][1], each[0][0]))[-MOST_FILES:]

    def _open(self, path: Path) -> Letter | None:
        try:
            return self._parser.open_letter(path.read_bytes())
        except (OSError, Refused):
            return None

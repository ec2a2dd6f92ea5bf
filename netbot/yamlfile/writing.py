"""Adding an entry to a list in a YAML file that people write by hand.

The new lines are put between the old ones, which stay as they are to the last space and comment.
Whatever is found to read differently afterwards is not written.
"""

import fcntl
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    Event,
    ScalarEvent,
    SequenceStartEvent,
)

from netbot.model import ConfigError, NetbotError
from netbot.yamlfile import Document, loads

_BOM = "\ufeff"


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
            raise _unusable(name, "read", error) from error

    def insert(self, section: str, entry: Mapping[str, Any]) -> str:
        """The whole text with ``entry`` as the last one of the list ``section``."""
        text = self.content.decode(errors="surrogateescape")  # which no YAML may hold
        return insert(text, section, entry, name=self.name)

    def save(self, text: str) -> None:
        """Put ``text`` in the file's place, at once and with the mode it has.

        Raises ``NetbotError`` when somebody else has changed the file since ``begin``.
        """
        target = self.path.resolve()  # a link stays a link
        try:
            with _alone_in(target.parent):
                if target.read_bytes() != self.content:
                    raise NetbotError(
                        f"{self.name} was changed by somebody else in the meantime:"
                        " nothing was written, try again"
                    )
                _replace(target, text.encode())
        except OSError as error:
            raise _unusable(self.name, "written", error) from error


def insert(text: str, section: str, entry: Mapping[str, Any], *, name: str) -> str:
    """``text`` with ``entry`` as the last one of the list ``section`` of its topmost mapping.

    The list may be missing or empty. Lists in ``entry`` get a line for each value, tuples stand
    in one. Raises ``ConfigError``, with the lines to add by hand where that cannot be done safely.
    """
    bare = text.removeprefix(_BOM)
    document = loads(bare, name=name)
    wanted = _with_entry(document, section, entry)
    new_line = "\r\n" if "\r\n" in bare else "\n"
    site = _survey(bare, section)
    for change in _changes(bare, site, section, entry):
        changed = change.apply(bare, new_line)
        with suppress(ConfigError):
            if loads(changed, name=name).data == wanted:
                return text[: len(text) - len(bare)] + changed
    lines = _block(entry, 2)
    message = f"cannot be added to safely; write this into it yourself:\n{lines}"
    raise ConfigError(document.problem((section,), f"“{section}” {message}", key=True))


@dataclass(slots=True)
class _Site:
    """The events of the topmost mapping, and those of the section's value in it."""

    whole: list[Event] = field(default_factory=list)
    value: list[Event] = field(default_factory=list)  # empty: there is no such section
    key_end: int = 0  # where the section's key ends
    end: int | None = None  # where ``...`` closes the document

    @property
    def column(self) -> int:
        """Where the keys of a topmost mapping written in lines begin."""
        return int(self.whole[0].start_mark.column) if self.whole else 0


@dataclass(frozen=True, slots=True)
class _Change:
    """New text for the characters from ``start`` to ``end``, then lines put in at ``at``."""

    at: int
    lines: str
    start: int = 0
    end: int = 0

    def apply(self, text: str, new_line: str) -> str:
        before = text[: self.start] + text[self.end : self.at]
        if "\n" in self.lines and before and not before.endswith("\n"):
            before += new_line
        return before + self.lines.replace("\n", new_line) + text[self.at :]


def _with_entry(document: Document, section: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The data that the changed file has to hold."""
    data = {} if document.data is None else document.data
    old = data.get(section) if isinstance(data, dict) else ""
    if not isinstance(old, list | None):
        raise ConfigError(document.problem((section,), f"“{section}” must be a list"))
    plain = {
        key: list(value) if isinstance(value, tuple) else value for key, value in entry.items()
    }
    return data | {section: [*(old or ()), plain]}


def _survey(text: str, section: str) -> _Site:
    site, depth, key = _Site(), 0, None
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, DocumentEndEvent) and event.explicit:
            site.end = event.start_mark.index
        if not isinstance(event, ScalarEvent | CollectionStartEvent | CollectionEndEvent):
            continue
        if depth or isinstance(event, CollectionStartEvent):
            site.whole.append(event)
        depth -= isinstance(event, CollectionEndEvent)
        if depth == 1 and key is None:
            key = event.value if isinstance(event, ScalarEvent) else None
            site.key_end = event.end_mark.index if key == section else site.key_end
        elif depth >= 1:
            if key == section:
                site.value.append(event)
            if depth == 1 and not isinstance(event, CollectionStartEvent):
                key = None
        depth += isinstance(event, CollectionStartEvent)
    return site


def _changes(text: str, site: _Site, section: str, entry: Mapping[str, Any]) -> Iterator[_Change]:
    """Ways to add the entry, the best looking first."""
    if site.whole and _is_flow(site.whole[0]):
        yield from _within_brackets(site, section, entry)
    elif not site.value:
        yield _new_section(text, site, section, entry)
    elif _is_flow(site.value[0]) and len(site.value) > 2:
        yield _Change(_last_index(site.value), f", {_flow(entry)}")
    elif isinstance(site.value[0], SequenceStartEvent) and not _is_flow(site.value[0]):
        yield from _below(text, site, entry)
    else:
        yield from _first(text, site, entry)


def _within_brackets(site: _Site, section: str, entry: Mapping[str, Any]) -> Iterator[_Change]:
    """The topmost mapping is written with brackets, and so everything in it."""
    one = _flow(entry)
    if len(site.value) > 2:
        yield _Change(_last_index(site.value), f", {one}")
    elif site.value:
        first, last = site.value[0].start_mark.index, site.value[-1].end_mark.index
        yield _Change(last, f" [{one}]", first, last)
    else:
        comma = ", " if len(site.whole) > 2 else ""
        yield _Change(_last_index(site.whole), f"{comma}{section}: [{one}]")


def _new_section(text: str, site: _Site, section: str, entry: Mapping[str, Any]) -> _Change:
    at = len(text) if site.end is None else site.end
    margin = " " * site.column
    gap = "\n" if text[:at].strip() else ""
    return _Change(at, f"{gap}{margin}{section}:\n{_block(entry, site.column + 2)}")


def _below(text: str, site: _Site, entry: Mapping[str, Any]) -> Iterator[_Change]:
    """After the last entry, and after the comments that belong to it."""
    items = _starts(site.value)
    column = site.value[0].start_mark.column
    gap = items[-1].start_mark.column - column
    lines = _block(entry, column, gap=max(gap, 2))
    if len(items) > 1 and re.search(r"\n[ \t]*\r?\n[ \t]*-[ \t]*$", _before(text, items[-1])):
        lines = f"\n{lines}"
    here = _line_after(text, _last_index(site.value))
    yield _Change(_past_comments(text, here, site.column), lines)
    yield _Change(here, lines)
    yield _Change(site.value[-1].end_mark.index, lines)


def _first(text: str, site: _Site, entry: Mapping[str, Any]) -> Iterator[_Change]:
    """The section is there and empty; ``null`` or ``[]`` gives way."""
    start, end = site.value[0].start_mark.index, site.value[-1].end_mark.index
    if start == end:  # nothing is written, and what comes next may be far below
        start = end = site.key_end
    if "\n" in text[start:end]:
        yield _Change(_last_index(site.value), _flow(entry))
    else:
        start = len(text[:start].rstrip(" \t"))
        at = _past_comments(text, _line_after(text, end), site.column)
        yield _Change(at, _block(entry, site.column + 2), start, end)


def _starts(value: list[Event]) -> list[Event]:
    """Where each entry of a list begins."""
    found, depth = [], 0
    for event in value:
        depth -= isinstance(event, CollectionEndEvent)
        if depth == 1 and not isinstance(event, CollectionEndEvent):
            found.append(event)
        depth += isinstance(event, CollectionStartEvent)
    return found


def _last_index(value: list[Event]) -> int:
    """Where the last thing that was written in a collection ends; after its bracket if empty."""
    written = [event for event in value[1:-1] if _has_width(event)]
    last = written[-1] if written else None
    return int(last.end_mark.index if last else value[0].start_mark.index + 1)


def _is_flow(event: Event) -> bool:
    return isinstance(event, CollectionStartEvent) and bool(event.flow_style)


def _has_width(event: Event) -> bool:
    """Text or a bracket; what is empty, and the end of what is written in lines, has none."""
    return bool(event.start_mark.index < event.end_mark.index)


def _before(text: str, event: Event) -> str:
    return text[: event.start_mark.index]


def _line_after(text: str, index: int) -> int:
    """Where the line after the one that ends, or is passed, at ``index`` begins."""
    index = len(text[:index].rstrip())
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _past_comments(text: str, index: int, column: int) -> int:
    """Past comment lines that follow directly; those on top of the next key stay with it."""
    comments = re.compile(r"(?:[ \t]*#[^\n]*(?:\n|\Z))*").match(text, index)
    end = comments.end() if comments else index
    if re.compile(r"[ \t\r]*(?:\n|\Z)").match(text, end):
        return end
    indented = re.compile(rf"(?:[ ]{{{column + 1},}}#[^\n]*\n)*").match(text, index)
    return indented.end() if indented else index


def _block(entry: Mapping[str, Any], column: int, *, gap: int = 2) -> str:
    """The entry in lines, its dash at ``column``."""
    margin, dash = " " * (column + gap), " " * column + "-".ljust(gap)
    lines = _dump(entry, flow=False).splitlines()
    return "".join(f"{margin if index else dash}{line}\n" for index, line in enumerate(lines))


def _flow(entry: Mapping[str, Any]) -> str:
    return _dump(entry, flow=True).strip()


def _dump(entry: Mapping[str, Any], *, flow: bool) -> str:
    yaml, stream = YAML(), StringIO()
    yaml.default_flow_style = flow
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump({key: _line(value) for key, value in entry.items()}, stream)
    return stream.getvalue()


def _line(value: object) -> object:
    if not isinstance(value, tuple):
        return value
    line = CommentedSeq(value)
    line.fa.set_flow_style()
    return line


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


def _unusable(name: str, what: str, error: OSError) -> NetbotError:
    return NetbotError(f"{name} cannot be {what}: {error.strerror or error}")

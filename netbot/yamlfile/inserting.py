"""Adding an entry to a list in a YAML text that people write by hand.

The new lines are put between the old ones, which stay as they are to the last space and comment.
Whatever is found to read differently afterwards is not written.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    Event,
    ScalarEvent,
    SequenceStartEvent,
)

from netbot.model import ConfigError
from netbot.yamlfile import Document, loads
from netbot.yamlfile.patching import BOM, Patch, line_after, past_comments
from netbot.yamlfile.rendering import block, flow


def insert(text: str, section: str, entry: Mapping[str, Any], *, name: str) -> str:
    """``text`` with ``entry`` as the last one of the list ``section`` of its topmost mapping.

    The list may be missing or empty. Lists in ``entry`` get a line for each value, tuples stand
    in one. Raises ``ConfigError``, with the lines to add by hand where that cannot be done safely.
    """
    bare = text.removeprefix(BOM)
    document = loads(bare, name=name)
    wanted = _with_entry(document, section, entry)
    new_line = "\r\n" if "\r\n" in bare else "\n"
    site = _survey(bare, section)
    for change in _changes(bare, site, section, entry):
        changed = change.apply(bare, new_line)
        with suppress(ConfigError):
            if loads(changed, name=name).data == wanted:
                return text[: len(text) - len(bare)] + changed
    lines = block(entry, 2)
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


def _changes(text: str, site: _Site, section: str, entry: Mapping[str, Any]) -> Iterator[Patch]:
    """Ways to add the entry, the best looking first."""
    if site.whole and _is_flow(site.whole[0]):
        yield from _within_brackets(site, section, entry)
    elif not site.value:
        yield _new_section(text, site, section, entry)
    elif _is_flow(site.value[0]) and len(site.value) > 2:
        yield Patch(_last_index(site.value), f", {flow(entry)}")
    elif isinstance(site.value[0], SequenceStartEvent) and not _is_flow(site.value[0]):
        yield from _below(text, site, entry)
    else:
        yield from _first(text, site, entry)


def _within_brackets(site: _Site, section: str, entry: Mapping[str, Any]) -> Iterator[Patch]:
    """The topmost mapping is written with brackets, and so everything in it."""
    one = flow(entry)
    if len(site.value) > 2:
        yield Patch(_last_index(site.value), f", {one}")
    elif site.value:
        first, last = site.value[0].start_mark.index, site.value[-1].end_mark.index
        yield Patch(last, f" [{one}]", first, last)
    else:
        comma = ", " if len(site.whole) > 2 else ""
        yield Patch(_last_index(site.whole), f"{comma}{section}: [{one}]")


def _new_section(text: str, site: _Site, section: str, entry: Mapping[str, Any]) -> Patch:
    at = len(text) if site.end is None else site.end
    margin = " " * site.column
    gap = "\n" if text[:at].strip() else ""
    return Patch(at, f"{gap}{margin}{section}:\n{block(entry, site.column + 2)}")


def _below(text: str, site: _Site, entry: Mapping[str, Any]) -> Iterator[Patch]:
    """After the last entry, and after the comments that belong to it."""
    items = _starts(site.value)
    column = site.value[0].start_mark.column
    gap = items[-1].start_mark.column - column
    lines = block(entry, column, gap=max(gap, 2))
    if len(items) > 1 and re.search(r"\n[ \t]*\r?\n[ \t]*-[ \t]*$", _before(text, items[-1])):
        lines = f"\n{lines}"
    here = line_after(text, _last_index(site.value))
    yield Patch(past_comments(text, here, site.column), lines)
    yield Patch(here, lines)
    yield Patch(site.value[-1].end_mark.index, lines)


def _first(text: str, site: _Site, entry: Mapping[str, Any]) -> Iterator[Patch]:
    """The section is there and empty; ``null`` or ``[]`` gives way."""
    start, end = site.value[0].start_mark.index, site.value[-1].end_mark.index
    if start == end:  # nothing is written, and what comes next may be far below
        start = end = site.key_end
    if "\n" in text[start:end]:
        yield Patch(_last_index(site.value), flow(entry))
    else:
        start = len(text[:start].rstrip(" \t"))
        at = past_comments(text, line_after(text, end), site.column)
        yield Patch(at, block(entry, site.column + 2), start, end)


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

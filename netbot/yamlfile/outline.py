"""Where everything in a YAML text stands, to the character, so that single things can change."""

import re
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode


class Unclear(Exception):
    """The text is written in a way that is too unusual to change it safely."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value, from its first written character to the one after its last."""

    kind: str  # scalar, list or mapping
    start: int
    end: int  # where ``start`` is, if nothing is written
    flow: bool = False  # with brackets
    column: int = 0  # of the dashes or keys of what is written in lines
    style: str | None = None  # of a scalar: ' or " or | or >
    entries: tuple["Entry", ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a list or a mapping, with its dash or its key."""

    key: str | int
    start: int  # where the dash or key stands; within brackets, the value itself
    after: int  # right after the dash or the colon
    value: Value

    @property
    def end(self) -> int:
        """After the last character that is written of it."""
        return self.value.end


def outline(text: str) -> Value | None:
    """The tree of a text that can be read; None for one without data. Raises ``Unclear``."""
    node = YAML(typ="safe", pure=True).compose(text)
    if node is None or (isinstance(node, ScalarNode) and not _width(node)):
        return None
    return _value(text, node, node.start_mark.index)


def _value(text: str, node: Node, after: int) -> Value:
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, ScalarNode):
        if not _width(node):
            return Value("scalar", after, after)
        return Value("scalar", start, start + len(text[start:end].rstrip()), style=node.style)
    kind, entries, flow = _collect(text, node)
    end = end if flow else entries[-1].end
    return Value(kind, start, end, flow=flow, column=node.start_mark.column, entries=entries)


def _collect(text: str, node: Node) -> tuple[str, tuple[Entry, ...], bool]:
    if isinstance(node, MappingNode):
        return "mapping", _pairs(text, node), bool(node.flow_style)
    if isinstance(node, SequenceNode):
        return "list", _items(text, node), bool(node.flow_style)
    raise Unclear


def _pairs(text: str, node: MappingNode) -> tuple[Entry, ...]:
    return tuple(_pair(text, key, value) for key, value in node.value)


def _pair(text: str, key: Any, value: Node) -> Entry:
    colon = re.compile(r"[ \t]*:").match(text, key.end_mark.index)
    if colon is None:
        raise Unclear
    found = _value(text, value, colon.end())
    return Entry(str(key.value), key.start_mark.index, colon.end(), found)


def _items(text: str, node: SequenceNode) -> tuple[Entry, ...]:
    if node.flow_style:
        values = (_value(text, each, each.start_mark.index) for each in node.value)
        return tuple(Entry(n, each.start, each.start, each) for n, each in enumerate(values))
    found: list[Entry] = []
    dash = node.start_mark.index
    following = re.compile(rf"^ {{{node.start_mark.column}}}-(?=\s|\Z)", re.MULTILINE)
    for index, each in enumerate(node.value):
        if found:
            match = following.search(text, found[-1].end)
            if match is None:
                raise Unclear
            dash = match.end() - 1
        found.append(Entry(index, dash, dash + 1, _value(text, each, dash + 1)))
    return tuple(found)


def _width(node: Node) -> bool:
    return bool(node.start_mark.index < node.end_mark.index)

"""New entries as YAML, in the look of the file that they go into."""

from collections.abc import Mapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString


def block(value: object, column: int, *, gap: int = 2) -> str:
    """One entry of a list, in lines, its dash at ``column``."""
    dash, margin = " " * column + "-".ljust(gap), " " * (column + gap)
    lines = _dump(value, flow=False).splitlines()
    return "".join(f"{margin if index else dash}{line}\n" for index, line in enumerate(lines))


def pair(key: str, value: object, column: int) -> str:
    """One key with its value, in lines, the key at ``column``."""
    lines = _dump({key: value}, flow=False).splitlines(keepends=True)
    return "".join(" " * column + line for line in lines)


def flow(value: object, *, quote: str | None = None) -> str:
    """The value in one line, safe between brackets; a text in the given quotes."""
    if isinstance(value, str) and quote in ("'", '"'):
        kind = SingleQuotedScalarString if quote == "'" else DoubleQuotedScalarString
        value = value if "\n" in value else kind(value)
    if isinstance(value, Mapping):
        return _dump(value, flow=True).strip()
    return _dump([value], flow=True).strip()[1:-1]


def plain(value: object) -> Any:
    """What a file says that holds this: dicts and lists only."""
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def _dump(value: object, *, flow: bool) -> str:
    yaml, stream = YAML(), StringIO()
    yaml.default_flow_style = flow
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(_look(value), stream)
    return stream.getvalue().removesuffix("...\n")


def _look(value: object) -> object:
    """Tuples stand in one line, lists and mappings have a line for each thing in them."""
    if isinstance(value, Mapping):
        return CommentedMap((key, _look(each)) for key, each in value.items())
    if isinstance(value, tuple):
        line = CommentedSeq(_look(each) for each in value)
        line.fa.set_flow_style()
        return line
    if isinstance(value, list):
        return [_look(each) for each in value]
    if isinstance(value, str) and "\n" in value:
        return DoubleQuotedScalarString(value)
    return value

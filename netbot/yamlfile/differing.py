"""What differs between what a file says and what it shall say, one step at a time."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from netbot.yamlfile.rendering import plain

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One change of plain data."""

    kind: Literal["put", "add", "drop"]  # another value, a new key or entry, one taken out
    path: Path
    value: object = None

    def take(self, data: object) -> object:
        """The data after it."""
        if self.kind == "put":
            return put(data, self.path, self.value)
        return drop(data, self.path) if self.kind == "drop" else _add(data, self.path, self.value)


def put(data: Any, path: Path, value: object) -> object:
    """The data with ``value`` at ``path``; mappings on the way are made where nothing is.

    Raises ``LookupError`` where there is no such entry, or something else is in the way.
    """

    def change(holder: Any, key: str | int) -> object:
        if isinstance(key, str):
            return holder | {key: value}
        _require(holder, key)
        return [*holder[:key], value, *holder[key + 1 :]]

    return _at(data, path, change)


def drop(data: Any, path: Path) -> object:
    """The data without what stands at ``path``. Raises ``LookupError`` where nothing does."""

    def change(holder: Any, key: str | int) -> object:
        _require(holder, key)
        if isinstance(key, str):
            return {name: each for name, each in holder.items() if name != key}
        return [*holder[:key], *holder[key + 1 :]]

    return _at(data, path, change)


def _add(data: Any, path: Path, value: object) -> object:
    def change(holder: Any, key: str | int) -> object:
        if isinstance(key, str):
            return holder | {key: value}
        return [*holder[:key], value, *holder[key:]]

    return _at(data, path, change)


def _at(data: Any, path: Path, change: Callable[[Any, Any], object]) -> object:
    """The data, changed in the list or mapping that holds the last part of ``path``."""
    key, rest = path[0], path[1:]
    data = {} if data is None and isinstance(key, str) else data
    fits = isinstance(data, dict) if isinstance(key, str) else isinstance(data, list)
    if not fits:
        raise LookupError(path)
    if not rest:
        return change(data, key)
    if isinstance(key, str):
        return {**data, key: _at(data.get(key), rest, change)}
    _require(data, key)
    return [*data[:key], _at(data[key], rest, change), *data[key + 1 :]]


def _require(holder: Any, key: str | int) -> None:
    if key not in (holder if isinstance(key, str) else range(len(holder))):
        raise LookupError(key)


def same(one: object, other: object) -> bool:
    """Equal and of one type: 1 is not true."""
    return _exact(one) == _exact(other)


def differ(old: object, new: object, path: Path = ()) -> Step | None:
    """The first step on the way from one to the other; None where they are the same."""
    if same(old, new):
        return None
    if isinstance(old, dict) and isinstance(new, Mapping) and (not path or (old and new)):
        return _differ_in_keys(old, new, path)
    if isinstance(old, list) and isinstance(new, list | tuple) and old and new:
        return _differ_in_entries(old, new, path)
    return Step("put", path, new)


def _differ_in_keys(old: Mapping[str, Any], new: Mapping[str, Any], path: Path) -> Step | None:
    for key in new:
        if key not in old:
            return Step("add", (*path, key), new[key])
    for key in old:
        if key in new and not same(old[key], new[key]):
            return differ(old[key], new[key], (*path, key))
    return next((Step("drop", (*path, key)) for key in old if key not in new), None)


def _differ_in_entries(old: Sequence[Any], new: Sequence[Any], path: Path) -> Step | None:
    before, after = [_exact(each) for each in old], [_exact(each) for each in new]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    kind, at, _, to, _ = next(code for code in matcher.get_opcodes() if code[0] != "equal")
    if kind == "delete":
        return Step("drop", (*path, at))
    if kind == "insert":
        return Step("add", (*path, at), new[to])
    return differ(old[at], new[to], (*path, at))


def _exact(value: object) -> str:
    return json.dumps(plain(value), sort_keys=True, default=repr)

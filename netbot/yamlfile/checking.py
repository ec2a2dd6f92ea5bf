"""What pydantic finds wrong with a document, told for people and at its place."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from netbot.model import Problem
from netbot.yamlfile.document import Document, Path, did_you_mean

M = TypeVar("M", bound=BaseModel)

_NEEDS = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
}

_BOUNDS = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entry",
    "too_long": "must have at most {max_length} entries",
}

_YES_NO = {"yes", "no", "on", "off", "y", "n"}


@dataclass(frozen=True, slots=True)
class _Finding:
    """One error of pydantic, its path freed from the names of union branches."""

    error: ErrorDetails
    path: Path
    forks: tuple[tuple[Path, str], ...]  # unions passed on the way, and the branch of each
    key: bool  # the key itself is wrong, not its value

    @property
    def kind(self) -> str:
        return self.error["type"]

    def misses(self, fork: Path) -> bool:
        """Whether this only says that the value has not this branch's type."""
        return self.path == fork and self.kind in _NEEDS


def check(document: Document, model: type[M]) -> tuple[M | None, list[Problem]]:
    """The document as ``model``, or None and the problems, in the order of the file."""
    data = {} if document.data is None else document.data
    try:
        # JSON mode: strict about types, yet a list may become a tuple and text an enum
        return model.model_validate_json(json.dumps(data), strict=True, extra="forbid"), []
    except ValidationError as error:
        findings = [_locate(data, detail) for detail in error.errors(include_url=False)]
        schema = model.model_json_schema()
        problems = {_tell(document, schema, found) for found in _settle(findings)}
        return None, sorted(problems, key=lambda p: (p.line, p.column, p.message))


def _locate(data: Any, error: ErrorDetails) -> _Finding:
    """Follow pydantic's path through the data; what is not in the data names a branch."""
    path: list[str | int] = []
    forks: list[tuple[Path, str]] = []
    for part in error["loc"]:
        if _holds(data, part):
            data = data[part]
            path.append(part)
        elif error["type"] == "missing" and part == error["loc"][-1]:
            path.append(part)
        elif part != "[key]":
            forks.append((tuple(path), str(part)))
    key = error["loc"][-1:] == ("[key]",) or error["type"] == "extra_forbidden"
    return _Finding(error, tuple(path), tuple(forks), key)


def _holds(data: Any, part: str | int) -> bool:
    if isinstance(data, dict):
        return part in data
    return isinstance(data, list) and isinstance(part, int) and part < len(data)


def _settle(findings: Sequence[_Finding], passed: int = 0) -> list[_Finding]:
    """One mistake, one finding: at each union only the branch that was meant may speak."""
    settled = [found for found in findings if len(found.forks) <= passed]
    unions: dict[Path, dict[str, list[_Finding]]] = defaultdict(lambda: defaultdict(list))
    for found in findings:
        if len(found.forks) > passed:
            fork, branch = found.forks[passed]
            unions[fork][branch].append(found)
    for fork, branches in unions.items():
        meant = [each for each in branches.values() if not any(f.misses(fork) for f in each)]
        if meant:
            settled += _settle(min(meant, key=_strangeness), passed + 1)
        else:
            settled.append(_join(fork, [f for each in branches.values() for f in each]))
    return settled


def _strangeness(findings: Sequence[_Finding]) -> tuple[int, int]:
    """How little a branch looks like what was meant: keys that do not fit weigh most."""
    keys = sum(found.kind in {"missing", "extra_forbidden"} for found in findings)
    return keys, len(findings)


def _join(fork: Path, findings: Sequence[_Finding]) -> _Finding:
    """A value that fits no branch: what any of them would take."""
    first = next(found for found in findings if found.misses(fork))
    kinds = "|".join(dict.fromkeys(found.kind for found in findings if found.misses(fork)))
    error = ErrorDetails(
        type=kinds, loc=first.error["loc"], msg=first.error["msg"], input=first.error["input"]
    )
    return _Finding(error, fork, (), key=False)


def _tell(document: Document, schema: Mapping[str, Any], found: _Finding) -> Problem:
    if found.kind == "extra_forbidden":
        word = str(found.path[-1])
        hint = did_you_mean(word, _known_keys(schema, found.path[:-1]))
        return document.problem(found.path, f"unknown key “{word}”.{hint}", key=True)
    message = f"{_subject(found.path)} {_complaint(document, found)}"
    return document.problem(found.path, message.strip(), key=found.key)


def _subject(path: Path) -> str:
    last = path[-1] if path else "this file"
    if isinstance(last, str):
        return f"“{last}”" if path else last
    of = f" of “{path[-2]}”" if len(path) > 1 and isinstance(path[-2], str) else ""
    return f"entry {last + 1}{of}"


def _complaint(document: Document, found: _Finding) -> str:
    kind, context = found.kind, found.error.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind == "value_error":
        return str(context["error"])
    if kind in {"literal_error", "enum"}:
        return _choice(found, str(context["expected"]))
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**context)
    needs = [_NEEDS[each] for each in kind.split("|") if each in _NEEDS]
    if needs:
        return _mismatch(document, found, list(dict.fromkeys(needs)))
    return f"is not accepted: {found.error['msg']}"


def _choice(found: _Finding, expected: str) -> str:
    known = re.findall(r"'([^']*)'", expected)
    value = found.error["input"]
    hint = did_you_mean(value, known) if isinstance(value, str) else ""
    shown = f"“{value}”" if isinstance(value, str) else _kind_of(value)
    return f"must be one of {', '.join(known)}, not {shown}.{hint}"


def _mismatch(document: Document, found: _Finding, needs: Sequence[str]) -> str:
    value = found.error["input"]
    if value is None:
        return f"is empty: it needs {' or '.join(needs)}"
    if needs == ["true or false"] and isinstance(value, str):
        aside = ": in YAML 1.2 yes/no are text" if value.casefold() in _YES_NO else ""
        return f"should be true or false, not text{aside}"
    message = f"needs {' or '.join(needs)}, not {_kind_of(value)}"
    if "text" in needs and isinstance(value, bool | int | float):
        return f'{message}: write "{document.written(found.path)}" in quotes'
    if "a list" in needs and isinstance(value, str):
        return f"{message}: write it as [{value[:40]}]"
    return message


def _kind_of(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "keys with values"


def _known_keys(schema: Mapping[str, Any], path: Path) -> list[str]:
    """The keys that a JSON Schema knows for the mapping at ``path``, in any branch."""
    nodes = list(_branches(schema, schema))
    for part in path:
        nodes = [leaf for node in nodes for leaf in _branches(schema, _child(node, part))]
    return [key for node in nodes for key in node.get("properties", ())]


def _child(node: Mapping[str, Any], part: str | int) -> Any:
    if isinstance(part, int):
        return node.get("items", {})
    return node.get("properties", {}).get(part, node.get("additionalProperties", {}))


def _branches(schema: Mapping[str, Any], node: Any) -> Iterable[Mapping[str, Any]]:
    if not isinstance(node, dict):
        return
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        yield from _branches(schema, schema["$defs"][name])
    for union in ("anyOf", "oneOf", "allOf"):
        for each in node.get(union, ()):
            yield from _branches(schema, each)
    yield node

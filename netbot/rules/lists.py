"""Named lists: words that several conditions of one file look for, written down once.

``lists: {fiction: [Roman, novel]}`` stands at the top of a file, and ``$fiction`` stands for its
entries wherever the file asks for words, phrases or expressions.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from netbot.model import Problem
from netbot.rules.schema import Conditions, Praise, check_regex, check_word, listed
from netbot.yamlfile import Document, did_you_mean

MARK = "$"

_REFERENCE = re.compile(r"\$([^\W\d_].*)")
_KEYS = ("words", "phrase", "exact", "regex")
_CHECKS = {"words": check_word, "regex": check_regex}

Path = list[str | int]
Lists = Mapping[str, tuple[str, ...]]
R = TypeVar("R", bound=Praise)


@dataclass(frozen=True, slots=True)
class NamedList:
    """A list, and whether any rule asks for it."""

    name: str
    file: str
    line: int
    entries: tuple[str, ...]
    used: bool


def check_lists(document: Document) -> Iterator[Problem]:
    """Names that no list has, and entries that do not suit where their list is asked for."""
    lists = _lists(document)
    for name, entries in lists.items():
        for index, entry in enumerate(entries):
            if isinstance(entry, str) and _REFERENCE.fullmatch(entry):
                message = f"a list holds words and no other list: write out what “{entry}” means"
                yield document.problem(["lists", name, index], message)
    asked: set[tuple[str, str]] = set()
    for path, name in _references(document):
        if name not in lists:
            hint = did_you_mean(name, lists) or " Write it under “lists”."
            yield document.problem(path, f"unknown list “{name}”.{hint}")
        else:
            asked.update((name, key) for key in path[-2:] if key in _CHECKS)
    for name, key in sorted(asked):
        for index, why in _unsuited(lists[name], key):
            message = f"“{lists[name][index]}” {why}, where “{MARK}{name}” stands under “{key}”"
            yield document.problem(["lists", name, index], message)


def lists_of(document: Document) -> Iterator[NamedList]:
    """The lists of a file that can be used."""
    asked = {name for _, name in _references(document)}
    for name, entries in _lists(document).items():
        line, _ = document.place(["lists", name], key=True)
        yield NamedList(name, document.name, line, tuple(entries), name in asked)


def spread(rule: R, lists: Lists) -> R:
    """The rule with the entries of lists in place of their names."""
    given = {"when": rule.when, "unless": rule.unless}
    return rule.model_copy(
        update={key: each and _spread(each, lists) for key, each in given.items()}
    )


def _spread(conditions: Conditions, lists: Lists) -> Conditions:
    found: dict[str, Any] = {}
    for key in conditions.given():
        value = getattr(conditions, key)
        if key in _KEYS:
            found[key] = tuple(_entries(value, lists))
        elif key in {"all", "any", "none"}:
            found[key] = tuple(_spread(each, lists) for each in value)
        elif key == "unless":
            found[key] = _spread(value, lists)
    return conditions.model_copy(update=found)


def _entries(value: str | tuple[str, ...], lists: Lists) -> Iterator[str]:
    for entry in listed(value):
        reference = _REFERENCE.fullmatch(entry)
        yield from lists[reference[1]] if reference else (entry,)


def _lists(document: Document) -> Mapping[str, list[Any]]:
    data = document.data if isinstance(document.data, dict) else {}
    lists = data.get("lists")
    found = lists.items() if isinstance(lists, dict) else ()
    return {name: value if isinstance(value, list) else [value] for name, value in found}


def _unsuited(entries: list[Any], key: str) -> Iterator[tuple[int, str]]:
    """Entries that cannot stand under that key, and why."""
    for index, entry in enumerate(entries):
        try:
            _CHECKS[key](str(entry))
        except ValueError as error:
            yield index, str(error)


def _references(document: Document) -> Iterator[tuple[Path, str]]:
    """Every name of a list where words are asked for, with its path."""
    data = document.data if isinstance(document.data, dict) else {}
    for section, rules in data.items():
        if section not in {"lists", "topics"}:
            yield from _walk(rules, [section])


def _walk(data: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(data, str):
        reference = _REFERENCE.fullmatch(data)
        if reference and not {*path[-2:]}.isdisjoint(_KEYS):
            yield path, reference[1]
    elif isinstance(data, list):
        for index, each in enumerate(data):
            yield from _walk(each, [*path, index])
    elif isinstance(data, dict):
        for key, each in data.items():
            if key != "examples":
                yield from _walk(each, [*path, key])

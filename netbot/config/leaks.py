"""Secrets that stand where they must not: in a file that is shared, shown and backed up."""

import re
from collections.abc import Iterator
from typing import Any

from netbot.config import names
from netbot.model import Problem
from netbot.yamlfile import Document

_KEY = re.compile(
    r"(token|password|passwort|kennwort|passphrase|secret|api_?key|private_?key|bearer)$"
)
_IN_ADDRESS = re.compile(r"://[^/\s?#]*@")

Path = tuple[str | int, ...]


def find_leaks(document: Document, sphere: str | None) -> Iterator[Problem]:
    """Keys that ask for a secret, and addresses that carry one; the secret is never quoted."""
    for path, value in _walk((), document.data):
        last = path[-1] if path else ""
        if isinstance(last, str) and _KEY.search(last.casefold().replace("-", "_")):
            message = (
                f"“{last}” is a secret and must not stand here: {_place(document, path, sphere)}"
            )
            yield document.problem(path, message, key=True)
        elif isinstance(value, str) and _IN_ADDRESS.search(value):
            message = (
                "this address carries a password, which must not stand here: take out what stands"
                f" between “//” and “@”; secrets: {_place(document, path, sphere)}"
            )
            yield document.problem(path, message)


def _place(document: Document, path: Path, sphere: str | None) -> str:
    """Where the secret belongs, with the account's id where the path leads through one."""
    house = sphere or "SPHERE"
    account = document.written((*path[:2], "id")) if path[:1] == ("accounts",) else None
    account = account or "ID"
    return f"put it into {names.file(house, account)} or {names.variable(house, account)}"


def _walk(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    yield path, value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _walk((*path, key), each)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _walk((*path, index), each)

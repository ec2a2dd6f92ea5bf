"""The names in a sphere's file, read tolerantly.

Checks of how names fit together work on these, so that they still speak in the same run when
some other key of the file has the wrong type.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netbot.model import Problem
from netbot.yamlfile import Document

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A word of the file, as written, and where it stands."""

    text: str
    path: Path


@dataclass(frozen=True, slots=True)
class AccountView:
    """One entry under ``accounts``."""

    id: Name | None
    network: Name | None
    handle: Name | None
    server: Name | None


@dataclass(frozen=True, slots=True)
class SourceView:
    """One entry under a client's ``sources``."""

    network: Name
    address: Name | None
    also_in: tuple[Name, ...]
    look_in_days: Name | None = None


@dataclass(frozen=True, slots=True)
class HandleView:
    """One entry under a client's ``handles``."""

    network: Name | None  # None: the address of a page
    handle: Name | None


@dataclass(frozen=True, slots=True)
class ClientView:
    """One entry under ``clients``."""

    path: Path
    id: Name | None
    accounts: tuple[Name, ...]
    sources: tuple[SourceView, ...]
    look_in_days: Name | None = None
    handles: tuple[HandleView, ...] = ()

    @property
    def title(self) -> str:
        """What to call it in a message."""
        return f"“{self.id.text}”" if self.id else "this client"


@dataclass(frozen=True, slots=True)
class SphereView:
    """One sphere's file."""

    sphere: str
    document: Document
    accounts: tuple[AccountView, ...]
    clients: tuple[ClientView, ...]

    def problem(self, at: Name | Path, message: str) -> Problem:
        """A problem at a name or path of this file."""
        return self.document.problem(at.path if isinstance(at, Name) else at, message)

    def where(self, name: Name) -> str:
        """``config/private.yaml:12``, for messages that point elsewhere."""
        return f"{self.document.name}:{self.document.place(name.path)[0]}"


def view_sphere(sphere: str, document: Document) -> SphereView:
    """The names that can be made out in a sphere's file."""
    accounts = [_account(document, path) for path in _entries(document, ("accounts",))]
    clients = [_client(document, path) for path in _entries(document, ("clients",))]
    return SphereView(sphere, document, tuple(accounts), tuple(clients))


def _account(document: Document, path: Path) -> AccountView:
    return AccountView(
        id=_name(document, (*path, "id")),
        network=_name(document, (*path, "network")),
        handle=_name(document, (*path, "handle")),
        server=_name(document, (*path, "server")),
    )


def _client(document: Document, path: Path) -> ClientView:
    sources = [_source(document, each) for each in _entries(document, (*path, "sources"))]
    accounts = _names(document, (*path, "accounts"))
    handles = [_handle(document, each) for each in _entries(document, (*path, "handles"))]
    name = _name(document, (*path, "id"))
    look_in = _name(document, (*path, "look_in_days"))
    return ClientView(path, name, accounts, tuple(sources), look_in, tuple(handles))


def _handle(document: Document, path: Path) -> HandleView:
    if not isinstance(_value(document.data, path), Mapping):
        return HandleView(None, _name(document, path))
    return HandleView(_name(document, (*path, "network")), _name(document, (*path, "handle")))


def _source(document: Document, path: Path) -> SourceView:
    if not isinstance(_value(document.data, path), Mapping):
        return SourceView(Name("web", path), _name(document, path), ())
    network = _name(document, (*path, "network")) or Name("web", path)
    address = _name(document, (*path, "address"))
    look_in = _name(document, (*path, "look_in_days"))
    return SourceView(network, address, _names(document, (*path, "also_in")), look_in)


def _names(document: Document, path: Path) -> tuple[Name, ...]:
    found = (_name(document, each) for each in _entries(document, path))
    return tuple(name for name in found if name)


def _name(document: Document, path: Path) -> Name | None:
    written = document.written(path)
    return Name(written, path) if written and _value(document.data, path) is not None else None


def _entries(document: Document, path: Path) -> list[Path]:
    value = _value(document.data, path)
    return [(*path, index) for index in range(len(value))] if isinstance(value, list) else []


def _value(data: Any, path: Path) -> Any:
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part]
        else:
            return None
    return data

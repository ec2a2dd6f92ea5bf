"""Changes to a home's files that netbot makes itself, checked before anything is written."""

import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netbot import yamlfile
from netbot.config.addresses import source_key
from netbot.config.loading import load_home
from netbot.config.views import view_sphere
from netbot.model import ConfigError, NetbotError, Problem
from netbot.yamlfile.changing import entry_path
from netbot.yamlfile.writing import Editing, change, remove


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A file as it could be."""

    editing: Editing
    text: str
    hints: tuple[Problem, ...]  # what is allowed and yet may not be meant

    def save(self) -> None:
        """Write it. Raises ``NetbotError`` when the file was changed since, or cannot be."""
        self.editing.save(self.text)


def plan_client(
    home: Path,
    sphere: str,
    entry: Mapping[str, Any],
    *,
    networks: Collection[str],
    environ: Mapping[str, str],
) -> Change:
    """The sphere's file with one more client; ``entry`` is what stands in it.

    Raises ``ConfigError`` with what ``netbot check`` would say of it, and when one of the sources
    stands in the file already.
    """
    editing = _begin(home, sphere)
    text = editing.insert("clients", entry)
    _require_once(sphere, text, entry["id"], entry["sources"])
    return _plan(home, editing, text, id=entry["id"], networks=networks, environ=environ)


def plan_client_change(
    home: Path,
    sphere: str,
    id: str,
    changes: Mapping[str, Any],
    *,
    seen: str,
    networks: Collection[str],
    environ: Mapping[str, str],
) -> Change:
    """The sphere's file with other facts of a client; what is None is taken out.

    ``seen`` is the SHA-256 of the file that the human had before them. Raises ``NetbotError`` when
    it is another one by now, and ``ConfigError`` as ``plan_client`` does.
    """
    editing = _begin(home, sphere, seen=seen)
    path, old = _client(editing, id)
    new = {key: value for key, value in {**old, **changes}.items() if value is not None}
    text = editing.change(path, new)
    return _plan(home, editing, text, id=id, networks=networks, environ=environ)


def plan_source(
    home: Path,
    sphere: str,
    id: str,
    entry: str | Mapping[str, Any],
    *,
    networks: Collection[str],
    environ: Mapping[str, str],
) -> Change:
    """The sphere's file with one more source of a client. Raises as ``plan_client`` does."""
    editing = _begin(home, sphere)
    path, old = _client(editing, id)
    text = editing.change((*path, "sources"), [*(old.get("sources") or ()), entry])
    _require_once(sphere, text, id, [entry])
    return _plan(home, editing, text, id=id, networks=networks, environ=environ)


def plan_removal(
    home: Path,
    sphere: str,
    id: str,
    index: int,
    *,
    seen: str,
    networks: Collection[str],
    environ: Mapping[str, str],
) -> Change:
    """The sphere's file without one source of a client, the ``index``-th as they stand there.

    Raises as ``plan_client_change`` does, and ``ConfigError`` when there is no such source.
    """
    editing = _begin(home, sphere, seen=seen)
    path, _ = _client(editing, id)
    text = editing.remove((*path, "sources", index))
    return _plan(home, editing, text, id=id, networks=networks, environ=environ)


def plan_settings(
    home: Path,
    name: str,
    changes: Mapping[tuple[str, ...], Any],
    *,
    seen: str,
    networks: Collection[str],
    environ: Mapping[str, str],
) -> Change:
    """``config/<name>.yaml`` with other values at these keys; what is None is taken out.

    Raises as ``plan_client_change`` does.
    """
    editing = _begin(home, name, seen=seen)
    text = editing.text
    for path, value in changes.items():
        if value is None:
            text = remove(text, path, name=editing.name)
        else:
            text = change(text, path, value, name=editing.name)
    return _plan(home, editing, text, id="", networks=networks, environ=environ)


def plan_account(
    home: Path,
    sphere: str,
    entry: Mapping[str, Any],
    *,
    networks: Collection[str],
    environ: Mapping[str, str],
) -> Change:
    """The sphere's file with one more account. Raises ``ConfigError`` as ``plan_client`` does."""
    editing = _begin(home, sphere)
    text = editing.insert("accounts", entry)
    return _plan(home, editing, text, id=entry["id"], networks=networks, environ=environ)


def _begin(home: Path, stem: str, *, seen: str | None = None) -> Editing:
    name = f"config/{stem}.yaml"
    editing = Editing.begin(home / name, name=name)
    if seen is not None and seen != editing.sha256:
        raise NetbotError(
            f"{name} was changed by somebody else in the meantime: nothing was written"
        )
    return editing


def _client(editing: Editing, id: str) -> tuple[tuple[str | int, ...], dict[str, Any]]:
    """Where a client stands, and what is written there. Raises ``ConfigError``."""
    document = yamlfile.loads(editing.text, name=editing.name)
    path = entry_path(document, "clients", id)
    section, index = path
    return path, document.data[section][index]


def _plan(
    home: Path,
    editing: Editing,
    text: str,
    *,
    id: str,
    networks: Collection[str],
    environ: Mapping[str, str],
) -> Change:
    """Look at the whole home as it would be with that text."""
    with tempfile.TemporaryDirectory(prefix="netbot-") as folder:
        shadow = Path(folder)
        shutil.copytree(home / "config", shadow / "config", ignore=_all_but_yaml)
        (shadow / editing.name).write_bytes(text.encode())
        warnings = load_home(shadow, networks, environ).warnings
    hints = (each for each in warnings if f"“{id}”" in each.message)
    return Change(editing=editing, text=text, hints=tuple(hints))


def _all_but_yaml(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith((".yaml", ".yml"))]


def _place(source: str | Mapping[str, Any]) -> tuple[str, str]:
    """Network and address of a source as it is written."""
    if isinstance(source, str):
        return "web", source
    return str(source["network"]), str(source["address"])


def _require_once(
    sphere: str, text: str, id: str, sources: Collection[str | Mapping[str, Any]]
) -> None:
    """Raise ``ConfigError`` for new sources of a client that another one has already."""
    twice = list(_find_twice(sphere, text, id, sources))
    if twice:
        raise ConfigError(*twice)


def _find_twice(
    sphere: str, text: str, id: str, sources: Collection[str | Mapping[str, Any]]
) -> Iterator[Problem]:
    view = view_sphere(sphere, yamlfile.loads(text, name=f"config/{sphere}.yaml"))
    wanted = {source_key(*_place(source)) for source in sources}
    for client in view.clients:
        for source in client.sources if not client.id or client.id.text != id else ():
            address = source.address
            if address and source_key(source.network.text, address.text) in wanted:
                yield view.problem(address, f"{client.title} has this source already")

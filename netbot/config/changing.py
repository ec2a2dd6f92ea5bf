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
from netbot.model import ConfigError, Problem
from netbot.yamlfile.writing import Editing


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
    twice = list(_find_twice(sphere, text, entry))
    if twice:
        raise ConfigError(*twice)
    return _plan(home, editing, text, id=entry["id"], networks=networks, environ=environ)


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


def _begin(home: Path, sphere: str) -> Editing:
    name = f"config/{sphere}.yaml"
    return Editing.begin(home / name, name=name)


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


def _find_twice(sphere: str, text: str, entry: Mapping[str, Any]) -> Iterator[Problem]:
    """Sources of the new client, which is the last one, that another client has already."""
    view = view_sphere(sphere, yamlfile.loads(text, name=f"config/{sphere}.yaml"))
    wanted = {source_key(*_place(source)) for source in entry["sources"]}
    for client in view.clients[:-1]:
        for source in client.sources:
            address = source.address
            if address and source_key(source.network.text, address.text) in wanted:
                yield view.problem(address, f"{client.title} has this source already")

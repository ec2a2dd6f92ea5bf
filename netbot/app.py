"""Wiring: opens ONE sphere of a home and gives its floors to each other."""

import hashlib
import os
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from netbot import config
from netbot.config import stored
from netbot.model import House, UnknownId, UsageError
from netbot.network import Network, NetworkPolicy

if TYPE_CHECKING:
    from netbot import engine
    from netbot.rules.loading import Rules
    from netbot.store import Store

_SPHERE_NAME = re.compile(r"(?!netbot$)[a-z][a-z0-9]*(-[a-z0-9]+)*")


def sphere_names(home: Path) -> tuple[str, ...]:
    """The spheres of a home: each has a file of its own beside ``netbot.yaml``.

    A file whose name no sphere can have is left out; ``read_config`` says what is wrong with it.
    Raises ``UsageError`` when there is none.
    """
    names = sorted(path.stem for path in (home / "config").glob("*.yaml"))
    spheres = tuple(name for name in names if _SPHERE_NAME.fullmatch(name))
    if not spheres:
        raise UsageError(
            f"there is no netbot home in {home}: `netbot init` makes one, "
            "--home or NETBOT_HOME names another folder"
        )
    return spheres


def sphere_of(home: Path, id: str, asked: str | None = None) -> str:
    """The sphere that ``<sphere>-<n>`` names. Raises ``UnknownId``, or ``UsageError`` when
    ``asked`` is another one.
    """
    name = id.rpartition("-")[0]
    if name not in sphere_names(home):
        raise UnknownId(id, f"{id} is no card here: ids look like professional-17")
    if asked not in {None, name}:
        raise UsageError(f"{id} belongs to the sphere {name}, not {asked}")
    return name


def read_config(home: Path) -> config.Config:
    """Read and check all configuration files. Raises ``UsageError`` or ``ConfigError``."""
    if not (home / "config").is_dir():
        sphere_names(home)
    return config.load(home, networks=load_policy().keys(), environ=os.environ)


def load_policy() -> Mapping[str, NetworkPolicy]:
    """What each network allows, by network name."""
    from netbot.networks import policy

    return policy.load()


def example_values() -> str:
    """The rules of an invented person, for a new home to begin with."""
    from netbot.rules.loading import shipped_folder

    return (shipped_folder() / "values.example.yaml").read_text(encoding="utf-8")


def load_rules(home: Path, house: House) -> "Rules":
    """The rules of a sphere, compiled. Raises ``ConfigError``."""
    from netbot import rules

    return rules.load(
        home=home,
        sphere=house.sphere,
        shipped=house.shipped_rules,
        cache=home / "data" / house.sphere,
    )


def has_rules(home: Path, sphere: str) -> bool:
    """Whether the home states rules of its own for that sphere."""
    folders = (home / "rules", home / "rules" / sphere)
    files = (path.name for folder in folders for path in folder.glob("*.yaml"))
    return not all(name.endswith(".example.yaml") for name in files)


def data_folder(home: Path, sphere: str) -> Path:
    """Where a sphere's own files lie; made when missing, for nobody else to read."""
    folder = home / "data" / sphere
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def fingerprint(home: Path, sphere: str) -> str:
    """Changes when a configuration or rule file of that sphere does."""
    digest = hashlib.sha256()
    for folder in ("config", "rules", f"rules/{sphere}"):
        for path in sorted((home / folder).glob("*.y*ml")):
            digest.update(f"{folder}/{path.name} {_stamp(path)}\n".encode())
    return digest.hexdigest()


def _stamp(path: Path) -> str:
    """When the file was written, and its size; "" when it has just vanished or leads nowhere."""
    try:
        seen = path.stat()
    except OSError:
        return ""
    return f"{seen.st_mtime_ns} {seen.st_size}"


@dataclass(slots=True, kw_only=True)
class Sphere:
    """One sphere, open: its store, its last good configuration, its networks."""

    home: Path
    house: House
    store: "Store"
    _rules: "Rules | None" = None
    _networks: dict[str, Network] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The sphere's name."""
        return self.house.sphere

    @property
    def policy(self) -> Mapping[str, NetworkPolicy]:
        """What each network allows, by network name."""
        return load_policy()

    @property
    def rules(self) -> "Rules":
        """The sphere's rules, compiled at first use. Raises ``ConfigError``."""
        if self._rules is None:
            self._rules = load_rules(self.home, self.house)
        return self._rules

    @property
    def desk(self) -> "engine.Desk":
        """What watching needs."""
        from netbot import engine

        return engine.Desk(house=self.house, policy=self.policy, rules=self.rules)

    @property
    def hall(self) -> "engine.Hall":
        """What deciding and performing needs."""
        from netbot import engine
        from netbot.claims import Claims
        from netbot.networks.handoff import Handoffs

        handoffs = {name: Handoffs(name) for name in self.policy}
        claims = Claims(self.home / "data", self.name)
        return engine.Hall(house=self.house, policy=self.policy, handoffs=handoffs, claims=claims)

    @property
    def networks(self) -> Mapping[str, Network]:
        """What can be watched, by network name; kept open until ``close``."""
        from netbot.networks.feed import Feeds

        if not self._networks:
            feeds = Feeds(allow_hosts=self.house.allow_hosts)
            self._networks = dict.fromkeys(Feeds.NETWORKS, feeds)
        return self._networks

    def refresh(self, now: datetime) -> None:
        """Read configuration and rules anew. Raises ``ConfigError``; then nothing has changed."""
        house = _read_house(self.home, self.name)
        rules = load_rules(self.home, house)
        if house.allow_hosts != self.house.allow_hosts:
            self._close_networks()
        self.house, self._rules = house, rules
        remember(self.store, self.home, house, now)

    def close(self) -> None:
        """Give everything back."""
        self._close_networks()
        self.store.close()

    def _close_networks(self) -> None:
        for network in set(self._networks.values()):
            network.close()
        self._networks = {}


def open_sphere(home: Path, name: str, now: datetime, *, fresh: bool = False) -> Sphere:
    """Open a sphere by its last good configuration, or, with ``fresh``, by the files of now.

    A sphere that was never opened is read from its files. Raises ``UsageError``, ``ConfigError``
    or ``StoreError``.
    """
    if name not in sphere_names(home):
        raise UsageError(
            f"there is no sphere {name} here; there are {', '.join(sphere_names(home))}"
        )
    from netbot.store import Store

    file = home / "data" / name / "netbot.db"
    read = _read_house(home, name) if fresh or not file.exists() else None
    with ExitStack() as undo:
        store = undo.enter_context(Store(f"sqlite:///{data_folder(home, name) / file.name}", name))
        house = read or _recall(store)
        if house is None:
            house = read = _read_house(home, name)
        if read is not None:
            remember(store, home, read, now)
        undo.pop_all()
    return Sphere(home=home, house=house, store=store)


def remember(store: "Store", home: Path, house: House, now: datetime) -> None:
    """Keep a good configuration in the database, when it is another than the one kept."""
    from netbot.store import houses

    text = stored.house_to_json(house)
    mark = {"fingerprint": fingerprint(home, house.sphere)}
    with store.read() as tx:
        kept = houses.load(tx)
    if kept != (text, mark):
        with store.write() as tx:
            houses.save(tx, text, mark, now)


def _recall(store: "Store") -> House | None:
    from netbot.store import houses

    with store.read() as tx:
        kept = houses.load(tx)
    return stored.house_from_json(kept[0]) if kept else None


def _read_house(home: Path, name: str) -> House:
    houses = read_config(home).houses
    if name not in houses:
        raise UsageError(f"config/{name}.yaml is no longer there: bring it back, or run without it")
    return houses[name]

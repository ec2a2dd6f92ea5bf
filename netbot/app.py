"""Wiring: opens ONE sphere of a home and gives its floors to each other."""

import hashlib
import importlib
import os
import pkgutil
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

from netbot import config
from netbot import pause as flag
from netbot.config import stored
from netbot.model import House, PolicyRefused, UnknownId, UsageError
from netbot.network import Access, Network, NetworkPolicy
from netbot.ops import homeid, room
from netbot.pause import Pause

if TYPE_CHECKING:
    from netbot import engine
    from netbot.config.secrets import Secrets
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


def require_sphere(home: Path, name: str) -> None:
    """Raise ``UsageError`` when the home has no sphere of that name."""
    if name not in sphere_names(home):
        raise UsageError(
            f"there is no sphere {name} here; there are {', '.join(sphere_names(home))}"
        )


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


@cache
def acting_networks() -> Mapping[str, type[Network]]:
    """The networks whose files perform anything: found by looking, with nothing to register."""
    from netbot import networks

    found: dict[str, type[Network]] = {}
    for part in pkgutil.iter_modules(networks.__path__, f"{networks.__name__}."):
        for kind in vars(importlib.import_module(part.name)).values():
            if isinstance(kind, type) and issubclass(kind, Network) and kind.VERBS:
                found |= dict.fromkeys(kind.NETWORKS, kind)
    return found


def example_values() -> str:
    """The rules of an invented person, for a new home to begin with."""
    from netbot.rules.files import shipped_folder

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


def pause(home: Path, why: str, now: datetime) -> Pause:
    """Let nothing leave a home from now on, in no sphere; a pause that has begun stays as it is.

    Raises ``OSError`` when the flag cannot be put up.
    """
    return flag.begin(home, Pause(since=now, why=why))


def resume(home: Path, *, old_is_off: bool = False) -> Pause | None:
    """Let a home go on; returns the pause that has ended. Raises as ``netbot.pause.end`` does."""
    return flag.end(home, old_is_off=old_is_off)


def paused(home: Path) -> Pause | None:
    """Why nothing leaves the home, or None when it is not paused; a flag nobody can read counts."""
    return flag.find(home)


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
    _secrets: "Secrets | None" = None
    _rules: "Rules | None" = None
    _networks: dict[str, Network] = field(default_factory=dict)
    _actors: dict[str, Network] = field(default_factory=dict)

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
        return engine.Hall(
            house=self.house,
            policy=self.policy,
            handoffs=handoffs,
            claims=Claims(self.home / "data", self.name),
            paused=self.hindrance,
        )

    @property
    def networks(self) -> Mapping[str, Network]:
        """What can be watched, by network name; kept open until ``close``."""
        from netbot.networks.feed import Feeds
        from netbot.networks.mastodon import Mastodon

        if not self._networks:
            opened = self.house.allow_hosts
            feeds, mastodon = Feeds(allow_hosts=opened), Mastodon(allow_hosts=opened)
            self._networks = dict.fromkeys(Feeds.NETWORKS, feeds)
            self._networks |= dict.fromkeys(Mastodon.NETWORKS, mastodon)
        return self._networks

    @property
    def folder(self) -> Path:
        """Where the sphere's own files lie."""
        return self.home / "data" / self.name

    def hindrance(self) -> str:
        """Why no act may leave now, "" when it may; to be asked right before each one.

        The home is paused, the database is damaged, or the disk could not keep what became of it.
        """
        from netbot.ops import damage

        if paused(self.home) is not None:
            return "the home is paused: `netbot resume` lets it go on"
        least_mb = self.house.act_free_mb
        return damage.find(self.folder) or self.shortage(least_mb, "nothing leaves")

    def alarms(self) -> list[str]:
        """What of database and disk needs the human at once, the worst first."""
        from netbot.ops import damage

        least_mb = self.house.watch_free_mb
        found = (damage.find(self.folder), self.shortage(least_mb, "no source is looked at"))
        return [each for each in found if each]

    def shortage(self, least_mb: int, stopped: str) -> str:
        """Too little room on the disk, and what it has ``stopped``; "" when there is enough."""
        return room.find_shortage(self.folder, least_mb, stopped)

    @property
    def secrets(self) -> "Secrets":
        """Raises ``PolicyRefused`` unless the sphere was opened with them."""
        if self._secrets is None:
            raise PolicyRefused(f"{self.name} was opened without its secrets: nobody acts here")
        return self._secrets

    @property
    def actors(self) -> Mapping[str, Network]:
        """Who can act, by account id: every account of now that has a secret of now.

        ``house`` carries the pins of now afterwards. One actor lasts as long as its account,
        pin and secret stay what they are. Raises ``PolicyRefused`` when the sphere was opened
        without its secrets, and for a secret that others can read.
        """
        held = self.secrets
        self.house = _with_pins(self.store, self.house)
        wanted = {access.account.id: access for access in self._accesses(held)}
        for name, actor in list(self._actors.items()):
            if actor.access != wanted.get(name):
                self._actors.pop(name).close()
        for name, access in wanted.items():
            if name not in self._actors:
                self._actors[name] = acting_networks()[access.account.network](access)
        return MappingProxyType(self._actors)

    def _accesses(self, held: "Secrets") -> Iterator[Access]:
        for account in self.house.accounts:
            able = account.network in acting_networks()
            secret = held.get(account.id) if able else None
            if secret is not None:
                yield Access(
                    sphere=self.name,
                    account=account,
                    secret=secret,
                    mark=held.mark(secret),
                    allow_hosts=self.house.allow_hosts,
                )

    def refresh(self, now: datetime) -> None:
        """Read configuration and rules anew. Raises ``ConfigError``; then nothing has changed."""
        house = _read_house(self.home, self.name)
        rules = load_rules(self.home, house)
        if house.allow_hosts != self.house.allow_hosts:
            self._close_networks()
        self.house, self._rules = _with_pins(self.store, house), rules
        remember(self.store, self.home, house, now)

    def close(self) -> None:
        """Give everything back."""
        self._close_networks()
        self.store.close()

    def _close_networks(self) -> None:
        for network in {*self._networks.values(), *self._actors.values()}:
            network.close()
        self._networks, self._actors = {}, {}


def open_sphere(
    home: Path, name: str, now: datetime, *, fresh: bool = False, secrets: bool = False
) -> Sphere:
    """Open a sphere by its last good configuration, or, with ``fresh``, by the files of now.

    A sphere that was never opened is read from its files. ``secrets`` is for processes that act
    and work for this sphere alone. Raises ``UsageError``, ``ConfigError`` or ``StoreError``, and
    with ``secrets`` ``PolicyRefused`` where this process may not hold any.
    """
    require_sphere(home, name)
    from netbot.store import Store

    held = _open_secrets(home, name) if secrets else None
    file = home / "data" / name / "netbot.db"
    read = _read_house(home, name) if fresh or not file.exists() else None
    with ExitStack() as undo:
        store = undo.enter_context(Store(f"sqlite:///{data_folder(home, name) / file.name}", name))
        house = read or _recall(store)
        if house is None:
            house = read = _read_house(home, name)
        if read is not None:
            remember(store, home, read, now)
        homeid.home_id(home)
        pinned = _with_pins(store, house)
        undo.pop_all()
    return Sphere(home=home, house=pinned, store=store, _secrets=held)


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


def _open_secrets(home: Path, name: str) -> "Secrets":
    from netbot.config.secrets import Secrets
    from netbot.config.surroundings import require_clean

    require_clean(name, os.environ, Path.cwd())
    return Secrets(home, name, os.environ)


def _with_pins(store: "Store", house: House) -> House:
    from netbot import engine
    from netbot.store import accounts

    with store.read() as tx:
        known = accounts.load(tx)
    return engine.with_pins(house, known)


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

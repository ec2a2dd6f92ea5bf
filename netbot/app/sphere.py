"""One sphere of a home, open: its floors are given to each other here."""

import os
from collections.abc import Container, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

from netbot.app.homes import (
    data_folder,
    fingerprint,
    load_rules,
    paused,
    read_config,
    require_sphere,
)
from netbot.app.networks import (
    acting_networks,
    keyed_networks,
    load_policy,
    watching_networks,
)
from netbot.config import stored
from netbot.model import Account, Face, House, NetbotError, PolicyRefused, UsageError
from netbot.network import Access, Network, NetworkPolicy
from netbot.ops import homeid, room
from netbot.text import mark

if TYPE_CHECKING:
    from netbot import engine
    from netbot.config.secrets import Secrets
    from netbot.rules.loading import Rules
    from netbot.store import Store


@dataclass(slots=True, kw_only=True)
class Sphere:
    """One sphere, open: its store, its last good configuration, its networks."""

    home: Path
    house: House
    store: "Store"
    face: Face | None = None  # where the human decides, if one does
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
        if isinstance(error, NetbotError):
            error.language = self.house.language
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

    def forget_rules(self) -> None:
        """Their files have changed: they are read anew at their next use."""
        self._rules = None

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
            face=self.face,
        )

    @property
    def networks(self) -> Mapping[str, Network]:
        """Who looks at sources, by network name; kept open until ``close``.

        One that watches on behalf of an account gets the first of that network that has a secret
        now, if the sphere was opened with its secrets, and none otherwise.
        """
        for kind in dict.fromkeys(watching_networks().values()):
            access = self._watching_access(kind) if kind.WATCHES_BY_ACCOUNT else None
            known = self._networks.get(kind.NETWORKS[0])
            if known is None or known.access != access:
                new = kind(access, allow_hosts=self.house.allow_hosts, **self._own_folder(kind))
                self._networks |= dict.fromkeys(kind.NETWORKS, new)
                if known is not None:
                    known.close()
        for network in self._networks.values():
            network.feeds = self._networks["web"]
        return MappingProxyType(self._networks)

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
            raise PolicyRefused(
                mark("{name} was opened without its secrets: nobody acts here"), name=self.name
            )
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
        able = acting_networks().keys()
        wanted = {access.account.id: access for access in self._accesses(held, able)}
        for name, actor in list(self._actors.items()):
            if actor.access != wanted.get(name):
                self._actors.pop(name).close()
        for name, access in wanted.items():
            if name not in self._actors:
                self._actors[name] = acting_networks()[access.account.network](access)
        return MappingProxyType(self._actors)

    def newcomer(self, account: Account, secret: str = "") -> Network:
        """Who would use the secret of an account that is not configured yet, or another secret.

        It is kept beside its place, until the human has said whose it is. The caller closes
        the network. Raises as ``actors`` does.
        """
        held = self.secrets
        drawer = held.try_out(account.id, secret) if secret else None
        access = Access(
            sphere=self.name,
            account=account,
            secret=secret,
            mark=held.mark(secret),
            drawer=drawer,
            allow_hosts=self.house.allow_hosts,
        )
        return keyed_networks()[account.network](access)

    def reader(self, account: Account) -> Network | None:
        """Who looks at sources with the secret of that account; None when there is none.

        The caller closes it. Raises as ``actors`` does.
        """
        kind = keyed_networks().get(account.network)
        accesses = self._accesses(self.secrets, {account.network} if kind else ())
        mine = next((each for each in accesses if each.account.id == account.id), None)
        return kind(mine) if kind and mine else None

    def _own_folder(self, kind: type[Network]) -> dict[str, Path]:
        """The folder that a network reads among the sphere's files; made when missing."""
        if not kind.FOLDER:
            return {}
        folder = self.folder / kind.FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return {"folder": folder}

    def _watching_access(self, kind: type[Network]) -> Access | None:
        """A secret that is kept wrongly is acting's to complain about; watching goes without."""
        if self._secrets is None:
            return None
        with suppress(PolicyRefused, UsageError):
            return next(self._accesses(self._secrets, kind.NETWORKS), None)
        return None

    def _accesses(self, held: "Secrets", able: Container[str]) -> Iterator[Access]:
        from netbot.engine import AccountPurse

        for account in self.house.accounts:
            secret = held.get(account.id) if account.network in able else None
            if secret is not None:
                yield Access(
                    sphere=self.name,
                    account=account,
                    secret=secret,
                    mark=held.mark(secret),
                    drawer=held.drawer(account.id),
                    purse=AccountPurse(self.store, account),
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
    home: Path,
    name: str,
    now: datetime,
    *,
    fresh: bool = False,
    secrets: bool = False,
    face: Face | None = None,
) -> Sphere:
    """Open a sphere by its last good configuration, or, with ``fresh``, by the files of now.

    A sphere that was never opened is read from its files. ``secrets`` is for processes that act
    and work for this sphere alone; ``face`` says where a human decides. Raises ``UsageError``,
    ``ConfigError`` or ``StoreError``, and with ``secrets`` ``PolicyRefused`` where this process
    may not hold any.
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
    return Sphere(home=home, house=pinned, store=store, face=face, _secrets=held)


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
        raise UsageError(
            mark("config/{name}.yaml is no longer there: bring it back, or run without it"),
            name=name,
        )
    return houses[name]

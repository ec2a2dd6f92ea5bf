"""Two to four spheres of one home and three servers on which they act; one seed draws it all.

The home is a real one on disk, opened as a worker opens it; the servers are stand-ins that the
real client library talks to. What the servers were asked, and with whose token, is what the
wall is judged by.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from netbot import app, engine
from netbot.app import Sphere
from netbot.demo.instance import Complaint
from netbot.demo.mastodon import MastodonServer
from netbot.engine import Approve, Skip, Undo
from netbot.model import ConfigError, NetbotError, NetworkError, SkipReason, StoreError, Verb
from netbot.store import accounts, suggestions
from tests.house import NOON

NAMES = ("professional", "private", "agency", "choir")
WHO = "verify"


@dataclass(slots=True)
class Mine:
    """An account of mine, wherever it stands now."""

    id: str
    name: str  # on its server
    server: int
    token: str


@dataclass(slots=True)
class Town:
    """The home, its servers, and what a restless owner does to it."""

    folder: Path
    draw: Random
    stack: ExitStack
    now: datetime = NOON
    spheres: dict[str, list[Mine]] = field(default_factory=dict)
    clients: dict[str, list[str]] = field(default_factory=dict)  # sphere -> client ids
    opened: dict[str, Sphere] = field(default_factory=dict)
    servers: list[MastodonServer] = field(default_factory=list)
    numbers: int = 0

    def build(self) -> None:
        """Three servers, two spheres, a client that both follow."""
        for _ in range(3):
            self.servers.append(self.stack.enter_context(MastodonServer(now=lambda: self.now)))
        for server in self.servers[1:]:
            server.befriend(self.servers[0])
        for name in NAMES[:2]:
            self.add_sphere(name)
        for client in ("acme", "beta", "both"):
            self.publish(client)

    def add_sphere(self, name: str) -> None:
        """A new sphere with an account on each of two servers."""
        self.spheres[name] = []
        self.clients[name] = [f"own-{name}", "both"]
        for server in self.draw.sample(range(3), 2):
            self.numbers += 1
            mine = Mine(
                f"me-{self.numbers}", f"me{self.numbers}", server, f"token-{self.numbers:08}"
            )
            self.servers[server].add_account(mine.name, token=mine.token)
            self.spheres[name].append(mine)
            self.keep_secret(name, mine.id, mine.token)
        self.write()
        self.open(name)
        for mine in self.spheres[name]:
            self.check_account(name, mine)

    def keep_secret(self, sphere: str, account: str, token: str) -> None:
        """Put a token where the sphere's worker finds it."""
        folder = self.folder / "secrets" / sphere
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / f"{account}.token"
        file.write_text(token)
        file.chmod(0o600)

    def write(self) -> None:
        """The configuration as it is meant now."""
        config = self.folder / "config"
        config.mkdir(exist_ok=True)
        hosts = ", ".join(f'"{server.host}"' for server in self.servers)
        (config / "netbot.yaml").write_text(
            "time_zone: Europe/Berlin\n"
            "queue: {daily_limit: 10, undo_window_s: 0}\n"
            "rules: {shipped: false}\n"
            f"watch: {{min_interval_s: 1, allow_hosts: [{hosts}]}}\n"
        )
        for name in self.spheres:
            (config / f"{name}.yaml").write_text(self.sphere_file(name))

    def sphere_file(self, name: str) -> str:
        lines = ["accounts:"]
        for mine in self.spheres[name]:
            server = self.servers[mine.server]
            lines.append(
                f"  - {{id: {mine.id}, network: mastodon, server: {server.url()},"
                f' handle: "@{mine.name}@{server.host}"}}'
            )
        lines.append("clients:" if self.clients[name] else "clients: []")
        others = ", ".join(sorted(set(self.spheres) - {name}))
        for client in self.clients[name]:
            also = f", also_in: [{others}]" if client == "both" and others else ""
            address = f"{self.servers[0].url()}/@{client}"
            source = f'{{network: mastodon, address: "{address}"{also}}}'
            acting = self.spheres[name][len(client) % len(self.spheres[name])].id
            lines.append(
                f"  - {{id: {client}, name: {client.title()}, accounts: [{acting}],"
                f" sources: [{source}]}}"
            )
        return "\n".join(lines) + "\n"

    def open(self, name: str) -> None:
        """As a worker does; a sphere that stands open takes over what was written."""
        if name in self.opened:
            self.opened[name].refresh(self.now)
        else:
            self.opened[name] = app.open_sphere(self.folder, name, self.now, secrets=True)

    def close(self) -> None:
        for sphere in self.opened.values():
            sphere.close()

    def check_account(self, name: str, mine: Mine) -> None:
        """``netbot account check``, as a careful human answers it: yes only to the right name."""
        sphere = self.opened[name]
        actor = sphere.actors.get(mine.id)
        if actor is None or actor.access is None:
            return
        with suppress(NetworkError):
            identity = actor.identify()
            if identity.handle.lstrip("@").partition("@")[0] == mine.name:
                with sphere.store.write() as tx:
                    accounts.pin(tx, actor.access.account, identity, actor.access.mark, self.now)

    def publish(self, client: str) -> None:
        self.numbers += 1
        text = f"Nachricht {self.numbers} aus der Werkstatt von {client}: es gibt Neues."
        self.servers[0].publish(client, text)

    # What may happen, each with the weight of its name in ``STEPS``.

    def do_pass_time(self) -> None:
        self.now += timedelta(minutes=self.draw.randint(2, 300))

    def do_publish(self) -> None:
        everybody = sorted({client for clients in self.clients.values() for client in clients})
        self.publish(self.draw.choice(everybody))

    def do_watch(self) -> None:
        sphere = self.any_sphere()
        self.now += timedelta(seconds=5)
        engine.watch(sphere.store, sphere.networks, sphere.desk, self.now)

    def do_approve(self) -> None:
        sphere = self.any_sphere()
        cards = engine.queue(sphere.store, sphere.house, self.now).cards
        if not cards:
            return
        card = self.draw.choice(cards)
        choice = self.draw.choice((card.choice, *card.alternatives))
        text = "" if choice.verb is Verb.LIKE else f"Gern gelesen in {sphere.name}, {card.id}."
        intent = Approve(verb=choice.verb, account=choice.account, text=text or None)
        with suppress(NetbotError):
            engine.decide(sphere.store, sphere.hall, card.id, intent, self.now)

    def do_skip(self) -> None:
        sphere = self.any_sphere()
        cards = engine.queue(sphere.store, sphere.house, self.now).cards
        for card in self.draw.sample(cards, min(1, len(cards))):
            engine.decide(
                sphere.store, sphere.hall, card.id, Skip(reason=SkipReason.OTHER), self.now
            )

    def do_undo(self) -> None:
        sphere = self.any_sphere()
        with sphere.store.read() as tx:
            last = suggestions.told(tx, range(1, 500))
        card = f"{sphere.name}-{self.draw.randint(1, max(1, len(last)))}"
        with suppress(NetbotError):
            engine.decide(sphere.store, sphere.hall, card, Undo(), self.now)

    def do_tick(self) -> None:
        """What the worker does; returns with the servers' answers judged."""
        sphere = self.any_sphere()
        with self.judged(sphere):
            engine.settle(sphere.store, self.now)
            able = engine.vouch(sphere.store, sphere.house, sphere.actors, self.now)
            engine.send(sphere.store, sphere.hall, able, self.now)
            engine.release(sphere.store, sphere.hall)

    def do_edit(self) -> None:
        """A post changes its words on the network."""
        server = self.servers[0]
        found = [status.id for status in server.instance.statuses.values()]
        if found:
            with suppress(Complaint):  # it was deleted
                server.edit(self.draw.choice(found), f"Anders gesagt, um {self.now:%H:%M}.")

    def do_swap_tokens(self) -> None:
        """Two secrets change places, mostly those of two spheres."""
        (here, one), (there, other) = self.draw.sample(self.everybody(), 2)
        self.keep_secret(here, one.id, other.token)
        self.keep_secret(there, other.id, one.token)

    def do_mend_tokens(self) -> None:
        """Every secret is put where it belongs, and the human looks at each account."""
        for name, mine in self.everybody():
            self.keep_secret(name, mine.id, mine.token)
            self.check_account(name, mine)

    def do_check_account(self) -> None:
        self.check_account(*self.draw.choice(self.everybody()))

    def do_rename_account(self) -> None:
        name, mine = self.draw.choice(self.everybody())
        self.numbers += 1
        mine.id = f"me-{self.numbers}"
        self.keep_secret(name, mine.id, mine.token)
        self.write()
        self.open(name)
        if self.draw.random() < 0.7:
            self.check_account(name, mine)

    def do_move_account(self) -> None:
        """An account, with its secret, goes to live in another sphere."""
        name, mine = self.draw.choice(self.everybody())
        to = self.draw.choice(sorted(set(self.spheres) - {name}))
        if len(self.spheres[name]) < 2:
            return
        self.spheres[name].remove(mine)
        self.spheres[to].append(mine)
        self.keep_secret(to, mine.id, mine.token)
        self.write()
        for each in (name, to):
            self.open(each)
        self.check_account(to, mine)

    def do_move_client(self) -> None:
        """A client changes from one sphere's file into another's."""
        movable = [(s, c) for s, clients in self.clients.items() for c in clients if c != "both"]
        name, client = self.draw.choice(movable)
        to = self.draw.choice(sorted(set(self.spheres) - {name}))
        self.clients[name].remove(client)
        self.clients[to].append(client)
        self.write()
        for each in (name, to):
            self.open(each)

    def do_claim_a_handle_twice(self) -> None:
        """A handle that stands in two spheres is refused, and what was good stays."""
        (here, one), (there, _) = self.draw.sample(self.everybody(), 2)
        if here == there:
            return
        self.spheres[there].append(one)
        self.write()
        for name in (here, there):
            try:
                self.open(name)
            except ConfigError:
                continue
            raise AssertionError(f"a handle in {here} and {there} was taken")
        self.spheres[there].pop()
        self.write()

    def do_swap_databases(self) -> None:
        """Somebody restores one sphere's database over another's."""
        here, there = self.draw.sample(sorted(self.spheres), 2)
        file = self.folder / "data" / here / "netbot.db"
        kept = file.with_suffix(".kept")
        self.opened.pop(here).close()
        file.rename(kept)
        with closing(sqlite3.connect(file)) as copy:
            with closing(sqlite3.connect(self.folder / "data" / there / "netbot.db")) as other:
                other.backup(copy)
        try:
            app.open_sphere(self.folder, here, self.now, secrets=True).close()
        except StoreError:
            pass
        else:
            raise AssertionError("another sphere's database was taken")
        for left in file.parent.glob("netbot.db*"):
            left.unlink()
        kept.rename(file)
        self.open(here)

    def do_open_another_sphere(self) -> None:
        closed = [name for name in NAMES if name not in self.spheres]
        if closed:
            self.add_sphere(closed[0])

    def any_sphere(self) -> Sphere:
        return self.opened[self.draw.choice(sorted(self.opened))]

    def everybody(self) -> list[tuple[str, Mine]]:
        return [(name, mine) for name in sorted(self.spheres) for mine in self.spheres[name]]

    @contextmanager
    def judged(self, sphere: Sphere) -> Iterator[None]:
        """Every call that arrives meanwhile is this sphere's; but for the question who we are it
        must carry the token of an account of this sphere.
        """
        before = [server.journal.count() for server in self.servers]
        yield
        own = {(mine.server, mine.token) for mine in self.spheres[sphere.name]}
        for index, server in enumerate(self.servers):
            for entry in server.journal.entries()[before[index] :]:
                self.judge(sphere.name, own, index, entry)

    def judge(self, name: str, own: set[tuple[int, str]], server: int, entry: Any) -> None:
        token = entry.get("token")
        if token is None or entry["verb"] == WHO:
            return
        assert (server, token) in own, f"{name} called with another's token: {entry}"


#: How often each thing happens.
STEPS = {
    Town.do_pass_time: 14,
    Town.do_publish: 6,
    Town.do_watch: 6,
    Town.do_approve: 26,
    Town.do_skip: 2,
    Town.do_undo: 6,
    Town.do_tick: 26,
    Town.do_edit: 2,
    Town.do_swap_tokens: 4,
    Town.do_mend_tokens: 3,
    Town.do_check_account: 3,
    Town.do_rename_account: 1,
    Town.do_move_account: 1,
    Town.do_move_client: 1,
    Town.do_claim_a_handle_twice: 1,
    Town.do_swap_databases: 0.5,
    Town.do_open_another_sphere: 0.2,
}

"""One who watches a client and acts for them through the engine, with one pinned account."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from netbot import app, engine
from netbot.model import Account, Action, Suggestion, Verb
from netbot.network import Access, Network
from netbot.store import accounts, acts, suggestions

MINUTE = timedelta(minutes=1)


class Doer:
    """A home in an empty folder; ``sites`` are servers on loopback."""

    def __init__(
        self, home: Path, account: Account, secret: str, feed: str, sites: Sequence[str]
    ) -> None:
        self.home, self.account = home, account
        self.now = datetime.now(UTC)
        hosts = [urlsplit(each).netloc for each in sites]
        (home / "config").mkdir()
        settings = f"watch: {{allow_hosts: {hosts}}}\nrules: {{shipped: false}}\n"
        (home / "config/netbot.yaml").write_text(settings, encoding="utf-8")
        mine = f'{{id: {account.id}, network: {account.network}, handle: "{account.handle}",'
        mine += f' server: "{account.server}"}}'
        told = f'accounts: [{mine}]\nclients:\n  - {{id: acme, name: ACME, sources: ["{feed}"]}}\n'
        (home / "config/professional.yaml").write_text(told, encoding="utf-8")
        self._access = Access(
            sphere="professional",
            account=account,
            secret=secret,
            mark="m",
            allow_hosts=tuple(hosts),
        )
        self._pin()

    def _pin(self) -> None:
        """As ``netbot account check`` does when the human says yes."""
        identity = self.port().identify()
        with self._open() as sphere, sphere.store.write() as tx:
            accounts.pin(tx, self.account, identity, "m", self.now)
        pinned = replace(self.account, platform_id=identity.platform_id)
        self._access = replace(self._access, account=pinned)

    def port(self) -> Network:
        """The account's own network, with its secret."""
        from netbot.app.networks import acting_networks

        return acting_networks()[self.account.network](self._access)

    def _open(self) -> app.Sphere:
        return app.open_sphere(self.home, "professional", self.now)

    def look(self) -> list[Suggestion]:
        """Watch the client; every card that waits."""
        self.now += 60 * MINUTE
        with self._open() as sphere:
            engine.watch(sphere.store, sphere.networks, sphere.desk, self.now)
            return list(engine.queue(sphere.store, sphere.house, self.now, everything=True).cards)

    def approve(self, card: Suggestion, verb: Verb, text: str = "") -> None:
        """Say yes to one act."""
        with self._open() as sphere:
            intent = engine.Approve(verb=verb, text=text)
            engine.decide(sphere.store, sphere.hall, card.id, intent, self.now)

    def undo(self, card: Suggestion) -> None:
        """Want it back."""
        with self._open() as sphere:
            engine.decide(sphere.store, sphere.hall, card.id, engine.Undo(), self.now)

    def send(self) -> engine.Dispatch:
        """One round of the executor, after the minute in which one may still change one's mind."""
        self.now += 2 * MINUTE
        with self._open() as sphere:
            actors = engine.vouch(
                sphere.store, sphere.house, {self.account.id: self.port()}, self.now
            )
            return engine.send(sphere.store, sphere.hall, actors, self.now)

    def action(self, card: Suggestion) -> Action:
        """What has become of the card's act."""
        with self._open() as sphere, sphere.store.read() as tx:
            found = acts.latest(tx, "professional", card.id)
            assert found is not None
            return found

    def place(self, card: Suggestion) -> str:
        """Where it stands."""
        with self._open() as sphere, sphere.store.read() as tx:
            receipt = acts.receipt_of(tx, self.action(card))
            assert receipt is not None
            return receipt.url

    def state(self, card: Suggestion) -> str:
        """Of the card."""
        with self._open() as sphere, sphere.store.read() as tx:
            return suggestions.get(tx, "professional", card.id).state.value

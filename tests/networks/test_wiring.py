"""A whole sphere with X and Reddit in it: with secrets, without them, with too little money."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from netbot import app, clock, engine
from netbot.demo.reddit import RedditServer
from netbot.demo.x import XServer
from netbot.demo.xmemory import PRICES
from netbot.model import Channel, Identity, Verb
from netbot.store import accounts, expenses

TOKEN = "the-token-of-the-studio"
KEY = {"client_id": "app", "client_secret": "app-secret-1", "refresh_token": "refresh-77aa"}


@pytest.fixture
def x() -> Iterator[XServer]:
    with XServer() as server:
        server.add_account("studio", token=TOKEN)
        server.publish("acme", "Was meint @studio zum Herbst der Fachtexte?", ago_s=3600)
        yield server


@pytest.fixture
def reddit() -> Iterator[RedditServer]:
    with RedditServer() as server:
        server.add_account("studio", key=KEY)
        server.publish("acme", "Warum ein Satz mehr wert ist als drei", text="Ein Fall.")
        yield server


@pytest.fixture
def make_home(tmp_path: Path, x: XServer, reddit: RedditServer) -> Callable[..., Path]:
    """A home with accounts on both; ``budget`` is the money for X, in dollars."""

    def make(*, budget: float = 10, watches: tuple[str, ...] = ("x", "reddit")) -> Path:
        mine: list[dict[str, Any]] = [
            {"id": "bird", "network": "x", "handle": "@studio", "server": x.url()},
            {"id": "talk", "network": "reddit", "handle": "u/studio", "server": reddit.url()},
        ]
        mine[0]["budget_usd"] = budget
        places = {"x": "@acme", "reddit": "u/acme"}
        sources = [{"network": network, "address": places[network]} for network in watches]
        client = {"id": "acme", "name": "ACME", "language": "de", "sources": sources}
        _write(tmp_path, "netbot", {"watch": {"allow_hosts": ["127.0.0.1"]}})
        _write(tmp_path, "professional", {"accounts": mine, "clients": [client]})
        _put(tmp_path, "bird", TOKEN)
        _put(tmp_path, "talk", json.dumps(KEY))
        return tmp_path

    return make


def _write(home: Path, name: str, content: object) -> None:
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")


def _put(home: Path, account: str, secret: str) -> None:
    path = home / "secrets" / "professional" / f"{account}.token"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(secret, encoding="utf-8")
    path.chmod(0o600)


def _watch(sphere: app.Sphere) -> engine.Report:
    return engine.watch(sphere.store, sphere.networks, sphere.desk, clock.now())


def test_a_sphere_with_its_secrets_watches_by_its_accounts(make_home, x, reddit):
    with app.open_sphere(make_home(), "professional", clock.now(), secrets=True) as sphere:
        pins = zip(sphere.house.accounts, (x, reddit), strict=True)
        with sphere.store.write() as tx:
            for account, server in pins:
                own = Identity(platform_id=server.add_account("studio"), handle=account.handle)
                accounts.pin(tx, account, own, "mark", clock.now())
        assert set(sphere.actors) == {"bird", "talk"}
        report = _watch(sphere)
        assert (report.errors, report.new) == ({}, 2)
        cards = engine.queue(sphere.store, sphere.house, clock.now(), everything=True).cards
        offered = {
            (one.network, one.verb): one.channel
            for card in cards
            for one in (card.choice, *card.alternatives)
        }
        assert offered["x", Verb.COMMENT] is Channel.API  # the post names us
        assert offered["x", Verb.LIKE] is Channel.HANDOFF
        assert offered["x", Verb.SHARE] is Channel.API
        assert offered["reddit", Verb.LIKE] is Channel.API
        with sphere.store.read() as tx:
            paid = expenses.after(tx, clock.now().date().replace(year=2020))
        assert paid == {"bird": PRICES["user"] + PRICES["post"]} == {"bird": x.memory.spent_micros}


def test_without_them_it_says_what_is_missing(make_home, x, reddit):
    home = make_home(watches=("x",))
    with app.open_sphere(home, "professional", clock.now()) as sphere:
        report = _watch(sphere)
        problems = engine.problems(sphere.store, sphere.house, clock.now())
    assert set(report.errors) == {"@acme"}
    [problem] = problems
    assert problem.kind is engine.ProblemKind.KEYLESS
    assert "account check" in problem.mend
    assert (x.asked(), reddit.asked()) == ([], [])


def test_money_that_is_not_there_is_not_spent(make_home, x):
    with app.open_sphere(
        make_home(budget=0.01), "professional", clock.now(), secrets=True
    ) as sphere:
        report = _watch(sphere)
        assert "money set aside for bird" in report.errors["@acme"]
        assert x.memory.spent_micros == PRICES["user"]
        assert [entry["verb"] for entry in x.asked()] == ["lookup"]

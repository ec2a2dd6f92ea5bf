"""A worker that acts: the whole way from a post to the network, by the token of one account."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from netbot import app, clock, engine
from netbot.daemon.worker import Worker
from netbot.demo.mastodon import MastodonServer
from netbot.engine import Approve
from netbot.model import ActionState, Verb
from netbot.store import accounts, acts

STUDIO, ANNA = "the-token-of-the-studio", "the-token-of-anna"


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    with MastodonServer() as server:
        server.add_account("studio", token=STUDIO)
        server.add_account("anna", token=ANNA)
        server.publish("acme", "Unser Glossar ist fertig, nach zwei langen Jahren.")
        yield server


@pytest.fixture
def worker(tmp_path: Path, server: MastodonServer) -> Iterator[Worker]:
    """It has an account that a human has confirmed, and an approved like."""
    mine = {"id": "studio", "network": "mastodon", "handle": f"@studio@{server.host}"}
    acme = {
        "id": "acme",
        "name": "ACME",
        "verbs": ["like"],
        "sources": [{"network": "mastodon", "address": f"{server.url()}/@acme"}],
    }
    settings = {
        "rules": {"shipped": False},
        "queue": {"undo_window_s": 0},
        "watch": {"allow_hosts": ["127.0.0.1"]},
    }
    write(tmp_path, "netbot", settings)
    professional = {"accounts": [mine | {"server": server.url()}], "clients": [acme]}
    write(tmp_path, "professional", professional)
    put(tmp_path, STUDIO)
    with app.open_sphere(tmp_path, "professional", clock.now(), secrets=True) as sphere:
        actor = sphere.actors["studio"]
        assert actor.access is not None
        with sphere.store.write() as tx:
            accounts.pin(
                tx, sphere.house.accounts[0], actor.identify(), actor.access.mark, clock.now()
            )
        assert sphere.actors
        worker = Worker(sphere)
        worker.watch()
        [card] = engine.queue(sphere.store, sphere.house, clock.now()).cards
        engine.decide(sphere.store, sphere.hall, card.id, Approve(verb=Verb.LIKE), clock.now())
        yield worker


def write(home: Path, name: str, content: object) -> None:
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")


def put(home: Path, secret: str) -> None:
    path = home / "secrets" / "professional" / "studio.token"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(secret, encoding="utf-8")
    path.chmod(0o600)


def states(worker: Worker) -> dict[ActionState, int]:
    with worker.sphere.store.read() as tx:
        return acts.count(tx)


def test_what_was_approved_leaves_once(worker, server):
    for _ in range(3):
        worker.perform()
    assert states(worker) == {ActionState.SENT: 1}
    assert server.journal.count(kind="written") == 1


def test_a_token_of_somebody_else_freezes_the_account_before_anything_leaves(worker, server):
    put(worker.sphere.home, ANNA)
    for _ in range(2):
        worker.perform()
    assert states(worker) == {ActionState.PENDING: 1}
    assert server.journal.count(kind="written") == 0
    [problem] = engine.frozen_accounts(worker.sphere.store, worker.sphere.house)
    assert f"its secret is for @anna@{server.host}" in problem.note


def test_a_secret_that_appears_is_used_and_one_that_is_gone_is_not(worker, server):
    token = worker.sphere.home / "secrets" / "professional" / "studio.token"
    token.unlink()
    worker.perform()
    assert states(worker) == {ActionState.PENDING: 1}
    put(worker.sphere.home, STUDIO)
    with worker.sphere.store.write() as tx:  # it need not wait until it is asked again
        tx.exec_driver_sql("UPDATE outbox SET not_before = created_at")
    worker.perform()
    assert states(worker) == {ActionState.SENT: 1}

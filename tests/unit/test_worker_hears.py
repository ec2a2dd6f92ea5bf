"""Who was nice to me, the whole way: a client's boost on a server, until they are thanked."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from netbot import app, clock, engine
from netbot.daemon.worker import Worker
from netbot.demo.faults import Fault, Mishap
from netbot.demo.mastodon import MastodonServer
from netbot.engine import Approve
from netbot.model import EngagementKind, Verb
from netbot.store import accounts, hearings, touches

STUDIO = "the-token-of-the-studio"


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    with MastodonServer() as server:
        server.add_account("studio", token=STUDIO)
        server.add_account("acme", token="the-token-of-acme")
        server.add_account("berta", token="the-token-of-berta", shown="Berta Fremdling")
        yield server


@pytest.fixture
def home(tmp_path: Path, server: MastodonServer) -> Path:
    """A home with an account that a human has confirmed, and that was asked once."""
    studio = {"id": "studio", "network": "mastodon", "handle": f"@studio@{server.host}"}
    acme = {
        "id": "acme",
        "name": "ACME",
        "language": "de",
        "handles": [{"network": "mastodon", "handle": f"@acme@{server.host}"}],
    }
    watch = {"allow_hosts": ["127.0.0.1"], "min_interval_s": 1}
    write(tmp_path, "netbot", {"watch": watch})
    mine = {"accounts": [studio | {"server": server.url()}], "clients": [acme]}
    write(tmp_path, "professional", mine)
    path = tmp_path / "secrets" / "professional" / "studio.token"
    path.parent.mkdir(parents=True)
    path.write_text(STUDIO, encoding="utf-8")
    path.chmod(0o600)
    with opened(tmp_path) as sphere:
        actor = sphere.actors["studio"]
        assert actor.access is not None
        with sphere.store.write() as tx:
            accounts.pin(
                tx, sphere.house.accounts[0], actor.identify(), actor.access.mark, clock.now()
            )
    tick(tmp_path)
    return tmp_path


def write(home: Path, name: str, content: object) -> None:
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")


def opened(home: Path) -> app.Sphere:
    return app.open_sphere(home, "professional", clock.now(), secrets=True)


def tick(home: Path, look: Callable[[app.Sphere], object] = lambda sphere: None) -> None:
    """A worker starts, asks as soon as it may, and stops again."""
    with opened(home) as sphere:
        worker = Worker(sphere)
        worker.reread(clock.now())
        with sphere.store.write() as tx:
            for name in hearings.load(tx):
                hearings.reserve(tx, name, datetime(2020, 1, 1, tzinfo=UTC))
        worker.perform()
        look(sphere)


def contacts(home: Path) -> list[tuple[str, str]]:
    with opened(home) as sphere, sphere.store.read() as tx:
        found = touches.of_client(tx, "professional", "acme", limit=9)
    return [(touch.direction.value, touch.kind) for touch in found]


def test_a_boost_is_thanked_for_by_hand(home, server):
    status = server.publish("studio", "Unser Herbstbericht ist da.")
    server.by_hand("acme", "reblog", status)
    tick(home)
    with opened(home) as sphere:
        [card] = engine.queue(sphere.store, sphere.house, clock.now()).cards
        assert (card.choice.verb, card.choice.account) == (Verb.THANK, "studio")
        [favour] = card.favours
        assert (favour.kind, favour.object_url) == (EngagementKind.SHARE, server.address(status))
        engine.decide(sphere.store, sphere.hall, card.id, Approve(), clock.now())
        [(_, handoff)] = engine.perform(sphere.store, sphere.hall, clock.now())
        assert not isinstance(handoff, Exception)
        assert handoff.url == f"{server.url()}/@acme"
        assert handoff.text.startswith("Herzlichen Dank fürs Weitergeben")
        engine.confirm(sphere.store, card.id, clock.now())
    assert contacts(home) == [("out", "thank"), ("in", "share")]
    assert server.journal.count(kind="written") == 0


def test_what_was_heard_before_a_restart_is_no_news_after_it(home, server):
    status = server.publish("studio", "Unser Herbstbericht ist da.")
    server.by_hand("acme", "reblog", status)
    for _ in range(3):
        tick(home)
    assert contacts(home) == [("in", "share")]
    assert len([call for call in server.asked() if call["verb"] == "notifications"]) == 4


def test_no_file_of_ours_knows_a_stranger(home, server):
    status = server.publish("studio", "Unser Herbstbericht ist da.")
    server.by_hand("berta", "reblog", status)
    server.publish("berta", "@studio Grüße von Berta Fremdling", parent=status)
    server.by_hand("acme", "favourite", status)
    tick(home)
    assert contacts(home) == [("in", "like")]
    held = b"".join(
        file.read_bytes() for file in (home / "data").rglob("*") if file.is_file()
    ).lower()
    assert b"acme" in held
    assert b"berta" not in held
    assert b"fremdling" not in held


def test_a_server_that_asks_for_a_pause_is_left_alone(home, server):
    server.faults.plan(Fault(mishap=Mishap.STATUS, on="notifications", status=429, reset_s=600))
    tick(home)
    with opened(home) as sphere, sphere.store.read() as tx:
        hearing = hearings.load(tx)["studio"]
    assert hearing.failures == 1
    assert hearing.next_at - clock.now() > timedelta(minutes=8)
    assert contacts(home) == []


def test_a_moment_in_an_answer_is_met_with_tact(home, server):
    status = server.publish("studio", "Unser Herbstbericht ist da.")
    text = "@studio Danke. Unsere Gründerin ist gestern gestorben, wir lesen ihn später."
    server.publish("acme", text, parent=status)
    tick(home)
    with opened(home) as sphere:
        [card] = engine.queue(sphere.store, sphere.house, clock.now()).cards
        assert card.choice.verb is Verb.GESTURE
        assert engine.left_in_peace(sphere.store, clock.now())


def test_with_a_mistake_in_the_files_nobody_is_asked(home, server):
    def fail(sphere: app.Sphere) -> None:
        write(home, "netbot", {"language": "tlh"})
        worker = Worker(sphere)
        assert worker.reread(clock.now())
        worker.perform()

    before = len(server.asked())
    tick(home, fail)
    asked = [call["verb"] for call in server.asked()[before:]]
    assert asked.count("notifications") == 1  # of the tick itself, before the mistake

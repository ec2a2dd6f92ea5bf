"""The networks that the demo plays, with the real library, daemon's child and queue."""

import stat
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any, ClassVar

import pytest

from netbot import app, clock, config, engine
from netbot.cli.demo import fill, tell_act
from netbot.cli.main import run
from netbot.cli.place import place
from netbot.demo.home import port_of, write_home
from netbot.demo.onmastodon import ME, STORY, THEY, OnMastodon
from netbot.demo.scene import Scene
from netbot.demo.scenes import SCENES, kindness, played
from netbot.demo.serving import Loopback
from netbot.model import ActionState, Channel
from netbot.networks import policy
from netbot.text import translator

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
BASE = "http://127.0.0.1:8123"


def addresses(scene: OnMastodon) -> list[str]:
    """The pages of all statuses, newest first."""
    return [
        status.url.removeprefix(scene.server.url()) for status in scene.server.instance.visible()
    ]


def test_a_story_keeps_its_addresses_however_often_it_is_told():
    with OnMastodon() as once, OnMastodon() as twice:
        once.tell(NOW, 2)
        twice.tell(NOW, 1)
        assert len(addresses(twice)) == len(STORY)  # mine is there, and the last one is not yet
        twice.tell(NOW, 2)
        twice.tell(NOW, 2)
        assert addresses(once) == addresses(twice)
        assert len(addresses(once)) == len(STORY) + 1


def test_the_client_does_nice_things_again_and_again():
    with OnMastodon() as scene:
        scene.tell(NOW, 2)
        for _ in range(6):
            scene.be_nice()
        told = [
            (notice.kind, notice.by.name, notice.to.name)
            for notice in scene.server.instance.notices
        ]
        assert told[:2] == [("favourite", THEY, ME), ("reblog", THEY, ME)]
        assert len(told) == 4
        assert scene.count() == 0  # none of them was mine


def test_kindness_goes_on_until_it_is_over():
    seen = Event()

    class Kind(OnMastodon):
        def be_nice(self) -> None:
            seen.set()

    with kindness([Kind()], every_s=0.001):
        assert seen.wait(10)


def test_a_scene_comes_back_where_it_stood(tmp_path):
    with played(tmp_path) as scenes:
        write_home(tmp_path, BASE, scenes=scenes)
        ports = {scene.NETWORK: scene.server.port for scene in scenes}
        with played(tmp_path) as others:  # somebody is there already
            assert {each.server.port for each in others}.isdisjoint(ports.values())
    assert {kind.NETWORK: port_of(tmp_path, kind.NETWORK) for kind in SCENES} == ports
    with played(tmp_path) as again:
        assert {scene.NETWORK: scene.server.port for scene in again} == ports
    assert port_of(tmp_path, "nowhere") == 0
    assert port_of(tmp_path / "none", "mastodon") == 0


def test_each_scene_adds_an_account_a_client_and_a_secret(tmp_path):
    with played(tmp_path) as scenes:
        write_home(tmp_path, BASE, scenes=scenes)
    loaded = config.load(tmp_path, networks=policy.load().keys(), environ={})
    assert loaded.warnings == ()
    for scene in scenes:
        house = loaded.houses[scene.SPHERE]
        account = house.account(scene.ACCOUNT)
        assert account is not None
        assert (account.network, account.handle) == (scene.NETWORK, scene.account()["handle"])
        assert house.client(scene.client()["id"]) is not None
        assert scene.host in house.allow_hosts
        secret = tmp_path / "secrets" / scene.SPHERE / f"{scene.ACCOUNT}.token"
        assert (secret.read_text(), stat.S_IMODE(secret.stat().st_mode)) == (scene.SECRET, 0o600)


class OnPaper(Scene):
    """A network of a test, to see that one line in the list is all that a new one needs."""

    NETWORK: ClassVar[str] = "xing"
    ACCOUNT: ClassVar[str] = "paper"
    SECRET: ClassVar[str] = "written-on-paper"

    class Silent(Loopback):
        def start(self) -> None:
            self.port = self.port or 4711

        def stop(self) -> None:
            """Nothing was begun."""

    def __init__(self, port: int = 0) -> None:
        self.server = self.Silent(port)

    def account(self) -> Mapping[str, Any]:
        return {"id": self.ACCOUNT, "network": self.NETWORK, "handle": "paper"}

    def client(self) -> Mapping[str, Any]:
        source = {"network": self.NETWORK, "address": "acme"}
        return {"id": "paperclip", "name": "Paperclip", "sources": [source]}

    def tell(self, now: datetime, passed: int) -> None:
        """Nobody reads it."""

    def be_nice(self) -> None:
        """Nobody does."""

    def count(self) -> int:
        return 0


def test_a_new_scene_is_one_more_entry_of_the_list(tmp_path):
    with played(tmp_path, (*SCENES, OnPaper)) as scenes:
        write_home(tmp_path, BASE, scenes=scenes)
        house = config.load(tmp_path, networks=policy.load().keys(), environ={}).houses
    assert {scene.ACCOUNT for scene in scenes} <= {
        account.id for account in house["professional"].accounts
    }
    assert port_of(tmp_path, "xing") == 4711


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_a_like_is_sent_counted_and_taken_back(home, capsys):
    here = place(home, "professional")
    texts = translator("en")
    with fill(here, "en", [OnMastodon]) as [scene]:
        assert isinstance(scene, OnMastodon)
        with here.open("professional") as opened:
            cards = engine.queue(opened.store, opened.house, clock.now(), everything=True).cards
            mine = [card.choice for card in cards if card.client == THEY]
        assert {choice.channel for choice in mine} == {Channel.API}
        told = "mastodon: 1 act of yours was sent and counted there"
        assert tell_act(here, scene, texts) == told
        assert tell_act(here, scene, texts) == told  # once in a home's life
        [written] = scene.server.written()
        assert (written["verb"], written["account"]) == ("favourite", ME)
        with here.open("professional") as opened:
            [act] = engine.sent(opened.store, clock.now())
        assert (act.client, act.state) == (THEY, ActionState.SENT)
        assert run(["undo", act.suggestion, "--home", str(home)]) == 0
        assert run(["perform", "--once", "--sphere", "professional", "--home", str(home)]) == 0
        assert [entry["verb"] for entry in scene.server.written()] == ["favourite", "unfavourite"]
        with here.open("professional") as opened:
            [act] = engine.sent(opened.store, clock.now())
        assert act.state is ActionState.UNDONE
    said = capsys.readouterr()
    assert scene.SECRET not in said.out + said.err


def test_the_demo_proves_an_act_by_program_and_told_again_repeats_nothing(netbot):
    first = netbot("demo", "--exit", "--language", "en")
    assert first.code == 0
    for kind in SCENES:
        assert f"{kind.NETWORK}: 1 act of yours was sent and counted there" in first.out
    before = [sphere["cards"] for sphere in netbot("status", "--json").json["spheres"]]
    again = netbot("demo", "--exit", "--language", "de")
    assert (again.code, str(netbot.home) in again.out) == (0, True)
    after = [sphere["cards"] for sphere in netbot("status", "--json").json["spheres"]]
    assert after == before
    assert netbot("config", "show").json["private"]["language"] == "de"
    with app.open_sphere(netbot.home, "professional", clock.now()) as opened:
        account = opened.house.account(OnMastodon.ACCOUNT)
        assert account is not None
        assert account.platform_id is not None
        assert len(engine.sent(opened.store, clock.now())) == len(SCENES)

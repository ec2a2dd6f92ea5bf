"""Who can act in an open sphere: accounts with a secret, on networks that perform anything."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netbot import app, clock
from netbot.model import Identity, PolicyRefused, Verb
from netbot.store import accounts
from tests.acting import NETWORK, Gossip, Parrot, gossip

TOKEN = "the-token-of-the-studio"


@pytest.fixture
def server() -> Iterator[Gossip]:
    with gossip() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, server: Gossip) -> Path:
    (tmp_path / "config").mkdir()
    mine = [
        {"id": "studio", "network": NETWORK, "handle": server.admit("studio", TOKEN, "17")},
        {"id": "spare", "network": NETWORK, "handle": server.handle("spare")},
        {"id": "anna-web", "network": "web", "handle": "Anna Muster"},
    ]
    write(tmp_path, "netbot", {"watch": {"allow_hosts": ["127.0.0.1"]}})
    write(tmp_path, "professional", {"accounts": mine})
    write(tmp_path, "private", {})
    put(tmp_path, "studio", TOKEN)
    put(tmp_path, "anna-web", "nobody will ever ask for this")
    return tmp_path


def write(home: Path, name: str, content: object) -> None:
    (home / "config" / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")


def put(home: Path, account: str, secret: str) -> None:
    path = home / "secrets" / "professional" / f"{account}.token"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(secret, encoding="utf-8")
    path.chmod(0o600)


def open_it(home: Path, **options: Any) -> app.Sphere:
    return app.open_sphere(home, "professional", clock.now(), **options)


def test_networks_that_act_are_found_where_they_lie(server):
    assert app.acting_networks()[NETWORK] is Parrot
    assert all(Verb(verb) for kind in app.acting_networks().values() for verb in kind.VERBS)
    assert not {"web", "linkedin"} & app.acting_networks().keys()


def test_one_actor_for_each_account_with_a_secret(home):
    with open_it(home, secrets=True) as sphere:
        [(name, actor)] = sphere.actors.items()
        assert (name, actor.identify().platform_id) == ("studio", "17")
        access = actor.access
        assert access is not None
        assert (access.sphere, access.account.id, access.secret) == (
            "professional",
            "studio",
            TOKEN,
        )
        assert access.allow_hosts == ("127.0.0.1",)
        assert TOKEN not in f"{access!r} {actor!r} {sphere!r}"
        with pytest.raises(TypeError):
            sphere.actors["spare"] = actor  # type: ignore[index]
        assert sphere.actors["studio"] is actor


def test_an_actor_lasts_as_long_as_its_secret_and_its_pin(home):
    with open_it(home, secrets=True) as sphere:
        first = sphere.actors["studio"]
        put(home, "studio", "another token altogether")
        second = sphere.actors["studio"]
        assert second is not first
        assert first.access is not None
        assert second.access is not None
        assert first.access.mark != second.access.mark
        with sphere.store.write() as tx:
            mine = sphere.house.accounts[0]
            accounts.pin(tx, mine, Identity(platform_id="17", handle="x"), "m", clock.now())
        third = sphere.actors["studio"]
        assert third.access is not None
        assert third.access.account.platform_id == "17"
        assert sphere.house.accounts[0].platform_id == "17"
        put(home, "spare", "a second token appears")
        assert set(sphere.actors) == {"studio", "spare"}
        assert sphere.actors["studio"] is third
        (home / "secrets/professional/studio.token").unlink()
        assert set(sphere.actors) == {"spare"}
        write(home, "professional", {})
        sphere.refresh(clock.now())
        assert sphere.actors == {}


def test_a_network_that_watches_by_account_gets_the_first_with_a_secret(home):
    with open_it(home) as sphere:
        assert sphere.networks[NETWORK].access is None
    with open_it(home, secrets=True) as sphere:
        first = sphere.networks[NETWORK]
        assert first.access is not None
        assert (first.access.account.id, first.access.secret) == ("studio", TOKEN)
        assert first.access.drawer is not None
        assert sphere.networks[NETWORK] is first
        assert sphere.networks["web"].access is None
        put(home, "studio", "another token altogether")
        second = sphere.networks[NETWORK]
        assert second is not first
        (home / "secrets/professional/studio.token").chmod(0o644)
        assert sphere.networks[NETWORK].access is None


def test_pins_are_in_the_house_of_every_opening_and_not_in_what_is_kept(home):
    with open_it(home) as sphere, sphere.store.write() as tx:
        mine = sphere.house.accounts[0]
        accounts.pin(tx, mine, Identity(platform_id="17", handle="x"), "m", clock.now())
    for fresh in (False, True):
        with open_it(home, fresh=fresh) as sphere:
            assert sphere.house.accounts[0].platform_id == "17"
            sphere.refresh(clock.now())
            assert sphere.house.accounts[0].platform_id == "17"
            with sphere.store.write() as tx:
                assert (
                    tx.exec_driver_sql("SELECT house FROM settings").scalar_one().count("17") == 0
                )


def test_without_its_secrets_nobody_acts(home):
    with open_it(home) as sphere:
        for ask in (lambda: sphere.actors, lambda: sphere.secrets):
            with pytest.raises(PolicyRefused, match="opened without its secrets"):
                ask()


def test_a_secret_that_others_can_read_stops_everybody(home):
    (home / "secrets/professional/studio.token").chmod(0o644)
    with open_it(home, secrets=True) as sphere, pytest.raises(PolicyRefused, match="chmod 600"):
        _ = sphere.actors


@pytest.mark.parametrize(
    "name", ["NETBOT_PRIVATE__ME__TOKEN", "NETBOT_PRIVATE__ME__TOKEN_FILE", "praw_username"]
)
def test_no_secrets_where_others_lie_about(name, home, monkeypatch):
    monkeypatch.setenv(name, "somebody else's")
    with pytest.raises(PolicyRefused, match=name) as refused:
        open_it(home, secrets=True)
    assert refused.value.exit_code == 5
    assert not (home / "data").exists()
    open_it(home).close()


def test_no_secrets_beside_a_file_of_praw(home, monkeypatch):
    (home / "praw.ini").write_text("[DEFAULT]\n", encoding="utf-8")
    monkeypatch.chdir(home)
    with pytest.raises(PolicyRefused, match=r"praw\.ini"):
        open_it(home, secrets=True)
    open_it(home).close()

"""Asking whose a secret is, and confirming it; each check is a real child on a real home."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netbot import app, clock
from netbot.demo.mastodon import MastodonServer
from netbot.store import accounts

STUDIO, ANNA = "the-token-of-the-studio", "the-token-of-anna"


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    with MastodonServer() as server:
        server.add_account("studio", token=STUDIO)
        server.add_account("anna", token=ANNA)
        yield server


@pytest.fixture
def mine(anew, server: MastodonServer) -> Any:
    """Commands on a home with an account on that server, and one that is for hands only."""
    (anew.home / "config").mkdir(parents=True)
    write(anew.home, "netbot", {"watch": {"allow_hosts": ["127.0.0.1"]}})
    named = {"id": "studio", "network": "mastodon", "handle": f"@studio@{server.host}"}
    by_hand = {"id": "anna-linkedin", "network": "linkedin", "handle": "anna-muster"}
    write(anew.home, "professional", {"accounts": [named | {"server": server.url()}, by_hand]})
    write(anew.home, "private", {})
    return anew


def write(home: Path, name: str, content: object) -> None:
    (home / "config" / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")


def put(home: Path, secret: str) -> None:
    path = home / "secrets" / "professional" / "studio.token"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(secret, encoding="utf-8")
    path.chmod(0o600)


def freeze(home: Path, note: str) -> None:
    with app.open_sphere(home, "professional", clock.now()) as sphere:
        with sphere.store.write() as tx:
            accounts.freeze(tx, "studio", clock.now(), note)


def listed(mine: Any) -> Any:
    told = mine("account", "list", "--json").json["accounts"]
    return {account["id"]: account for account in told}["studio"]


def test_an_account_is_confirmed_once_and_another_one_never_unasked(mine, server):
    told = mine("account", "check")
    assert told.code == 0
    assert "studio: has no secret; to let netbot act, put it into secrets/professional/" in told.out
    assert "anna-linkedin: you act there yourself; netbot needs no secret" in told.out
    assert mine("account", "check", "studio").code == 2
    put(mine.home, STUDIO)
    first = mine("account", "check", "studio", "--json")
    assert first.code == 3
    [found] = first.json["accounts"]
    assert (found["state"], found["found"]) == ("new", f"@studio@{server.host}")
    assert "mark" not in found
    assert listed(mine)["platform_id"] is None
    assert mine("account", "check", "studio", "--yes").code == 0
    assert listed(mine)["platform_id"] == found["platform_id"]
    told = mine("account", "check", "studio")
    assert (told.code, told.out.endswith("as confirmed\n")) == (0, True)
    put(mine.home, ANNA)
    told = mine("account", "check", "studio", "--yes")
    assert told.code == 5
    assert f"is for @anna@{server.host}" in told.out
    assert f"confirmed as @studio@{server.host}" in told.out
    assert listed(mine)["platform_id"] == found["platform_id"]
    assert mine("account", "check", "studio", "--repin", "--yes").code == 0
    assert listed(mine)["platform_id"] != found["platform_id"]


def test_a_frozen_account_thaws_when_somebody_has_looked(mine):
    put(mine.home, STUDIO)
    assert mine("account", "check", "studio", "--yes").code == 0
    freeze(mine.home, "the network barred it")
    told = mine("status", "--sphere", "professional")
    assert "! studio is frozen since" in told.out
    assert "then: netbot account check studio" in told.out
    value = mine("status", "--sphere", "professional", "--json").json["spheres"][0]
    assert value["accounts"][0]["note"] == "the network barred it"
    assert "frozen: the network barred it" in mine("account", "list").out
    told = mine("account", "check", "studio")
    assert (told.code, "frozen: the network barred it" in told.out) == (5, True)
    assert mine("account", "check", "studio", "--yes").code == 0
    assert listed(mine)["frozen_at"] is None


def test_a_handle_that_is_another_one_is_not_confirmed_unasked(mine, server):
    put(mine.home, ANNA)
    told = mine("account", "check", "studio", "--yes")
    assert told.code == 5
    assert f"is @anna@{server.host}" in told.out
    assert "the configuration says @studio@" in told.out
    assert listed(mine)["platform_id"] is None


def test_a_secret_that_the_network_does_not_take_is_told(mine, server):
    put(mine.home, STUDIO)
    server.revoke(STUDIO)
    told = mine("account", "check", "studio")
    assert told.code == 1
    assert told.out.startswith("studio: could not be asked: ")
    assert STUDIO not in told.out + told.err


def test_what_stops_the_child_is_told_once(mine, monkeypatch):
    put(mine.home, STUDIO)
    (mine.home / "secrets/professional/studio.token").chmod(0o644)
    told = mine("account", "check", "studio")
    assert (told.code, told.out) == (5, "")
    assert "chmod 600" in told.err
    empty = mine.home / "data" / "professional" / "empty"
    empty.chmod(0o700)
    (empty / "praw.ini").touch()
    for command in (["perform", "--once"], ["account", "check"]):
        told = mine(*command, "--sphere", "professional")
        assert (told.code, told.out) == (5, "")
        assert told.err.count("praw.ini") == 1


def test_an_account_is_named_by_its_sphere_when_two_have_one(mine):
    web = {"id": "studio", "network": "web", "handle": "Anna privat"}
    write(mine.home, "private", {"accounts": [web]})
    told = mine("account", "check", "studio")
    assert (told.code, "say which with --sphere" in told.err) == (2, True)
    told = mine("account", "check", "studio", "--sphere", "private")
    assert (told.code, told.out) == (
        0,
        "studio: you act there yourself; netbot needs no secret\n",
    )
    told = mine("account", "check", "nobody")
    assert (told.code, "netbot account list" in told.err) == (2, True)

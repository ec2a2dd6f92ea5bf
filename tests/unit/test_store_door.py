"""The small database of who may open the page."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from netbot.model import StoreError
from netbot.store.door import Door, Passkey, Right, Session
from tests.house import NOON


@pytest.fixture
def door(tmp_path: Path):
    with Door(tmp_path / "web.db") as door:
        yield door


def session(name: str, **facts) -> Session:
    values: dict[str, Any] = {
        "sha256": name,
        "begun_at": NOON,
        "seen_at": NOON,
        "browser": "Firefox",
    }
    return Session(**(values | facts))


def test_it_is_for_its_owner_alone_and_outlasts_the_process(door, tmp_path):
    door.set_password("hash", NOON)
    door.begin(session("a"), "laptop")
    assert (tmp_path / "web.db").stat().st_mode & 0o777 == 0o600
    with Door(tmp_path / "web.db") as again:
        assert again.password() == "hash"
        assert again.session("a") == session("a")
        assert again.is_known("laptop")


def test_a_new_password_puts_everybody_out(door):
    assert door.password() is None
    door.set_password("first", NOON)
    door.put_link("link", NOON + timedelta(hours=1))
    door.begin(session("a"), "laptop")
    door.note_try("", NOON)
    door.set_password("second", NOON)
    assert (door.password(), door.sessions(), door.tries("")) == ("second", [], (0, None))
    assert not door.has_link("link", NOON)
    assert not door.is_known("laptop")
    door.rehash("third")
    assert door.password() == "third"


def test_one_link_counts_and_only_in_its_time(door):
    door.put_link("old", NOON + timedelta(hours=1))
    door.put_link("new", NOON + timedelta(hours=1))
    assert not door.has_link("old", NOON)
    assert door.has_link("new", NOON)
    assert not door.has_link("new", NOON + timedelta(hours=1))


def test_sessions_come_and_go(door):
    door.begin(session("a"), "laptop")
    door.begin(session("b", begun_at=NOON + timedelta(hours=1)), "laptop")
    assert [each.sha256 for each in door.sessions()] == ["b", "a"]
    door.see("a", NOON + timedelta(hours=2))
    found = door.session("a")
    assert found is not None
    assert found.seen_at == NOON + timedelta(hours=2)
    door.end("a", "nobody")
    assert door.session("a") is None
    assert [each.sha256 for each in door.sessions()] == ["b"]


def test_tries_are_counted_by_browser_and_forgotten_when_somebody_comes_in(door):
    for minutes in range(3):
        door.note_try("", NOON + timedelta(minutes=minutes))
    door.note_try("laptop", NOON)
    door.note_try("phone", NOON)
    assert door.tries("") == (3, NOON + timedelta(minutes=2))
    door.begin(session("a"), "laptop")
    assert door.tries("") == door.tries("laptop") == (0, None)
    assert door.tries("phone") == (1, NOON)


def passkey(name: str, **facts) -> Passkey:
    values: dict[str, Any] = {
        "name": name,
        "rp_id": "localhost",
        "credential": name.encode(),
        "public_key": b"public",
        "counter": 0,
        "made_at": NOON,
    }
    return Passkey(**(values | facts))


def test_passkeys_come_and_go_and_outlast_a_new_password(door):
    assert door.passkeys() == []
    assert door.add_passkey(passkey("telephone", counter=7))
    assert door.add_passkey(passkey("laptop"))
    assert not door.add_passkey(passkey("once more", credential=b"laptop"))
    door.set_password("hash", NOON)
    assert door.passkeys() == [passkey("telephone", counter=7, id=1), passkey("laptop", id=2)]
    assert door.remove_passkey(2)
    assert not door.remove_passkey(2)
    door.add_passkey(passkey("tablet"))
    assert [each.id for each in door.passkeys()] == [1, 3], "a number never names another"


def test_the_counter_of_a_passkey_only_grows(door):
    later = NOON + timedelta(hours=1)
    door.add_passkey(passkey("telephone", counter=7))
    door.add_passkey(passkey("laptop"))
    assert not door.use_passkey(1, 6, later)
    assert not door.use_passkey(1, 7, later)
    assert not door.use_passkey(1, 0, later)
    assert door.use_passkey(1, 8, later)
    assert door.use_passkey(2, 0, NOON)
    assert door.use_passkey(2, 0, later), "many devices do not count"
    assert not door.use_passkey(3, 1, later), "it was removed meanwhile"
    assert [(each.counter, each.used_at) for each in door.passkeys()] == [(8, later), (0, later)]


def test_a_door_of_before_there_were_passkeys_keeps_all_it_has(tmp_path):
    file = tmp_path / "web.db"
    with Door(file) as door:
        door.set_password("hash", NOON)
        door.begin(session("a"), "laptop")
        door.add_token(name="x", sphere="private", right=Right.READ, sha256="t", now=NOON)
    with closing(sqlite3.connect(file)) as old:
        old.execute("DROP TABLE passkeys")
    with Door(file) as door:
        assert door.passkeys() == []
        assert door.add_passkey(passkey("telephone"))
    with Door(file) as door:
        assert (door.password(), door.session("a")) == ("hash", session("a"))
        assert [each.name for each in door.tokens()] == ["x"]
        assert [each.name for each in door.passkeys()] == ["telephone"]


def test_what_is_no_database_is_said(tmp_path):
    (tmp_path / "web.db").write_bytes(b"no database at all" * 100)
    with Door(tmp_path / "web.db") as door:
        for ask in (door.password, door.sessions, lambda: door.rehash("x")):
            with pytest.raises(StoreError):
                ask()


def test_who_only_reads_makes_nothing(tmp_path):
    file = tmp_path / "web.db"
    for is_there in (False, True):
        with Door(file) as door:
            assert door.password() is None
            assert door.session("a") is None
            assert door.sessions() == []
            assert door.passkeys() == []
            assert door.tries("") == (0, None)
            assert not door.has_link("link", NOON)
            assert not door.is_known("laptop")
        assert file.exists() == is_there
        file.touch()  # as a process leaves it that died before its first write

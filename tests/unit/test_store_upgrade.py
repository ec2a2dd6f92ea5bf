"""Databases of earlier releases, brought to the newest schema with all they hold."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError

from netbot.network import Quiet
from netbot.store import Store, posts, schema, sources, suggestions
from tests import schemas
from tests.house import ACME, NOON, days

AT = "2026-11-20T08:00:00.000000+00:00"
LATER = "2026-11-23T08:00:00.000000+00:00"
FIRST_HOUSE = f"""
INSERT INTO meta VALUES ('sphere', 'professional');
INSERT INTO sources (id, client_id, network, address, title, cursor, next_check, tried_at,
        succeeded_at, seeded_at, failures, last_error)
    VALUES (1, 'acme', 'web', 'https://acme.example/feed.xml', 'ACME', '{{"etag": "1"}}',
            '{LATER}', '{AT}', '{AT}', '{AT}', 0, ''),
        (2, 'acme', 'web', 'https://second.example/feed.xml', '', '',
            '{LATER}', '{LATER}', '{AT}', '{AT}', 3, 'no route'),
        (3, 'acme', 'web', 'https://never.example/', '', '',
            '{LATER}', '{LATER}', NULL, NULL, 1, 'no route');
INSERT INTO texts VALUES ('t', 'acme', 'Neues', '{AT}');
INSERT INTO posts (id, client_id, source_id, story_id, network, url, title_sha, body_sha, kind,
        tags, links, media, keys, first_seen_at)
    VALUES (1, 'acme', 1, 1, 'web', 'https://acme.example/a', 't', 't', 'original',
        '[]', 0, 0, '["id:a"]', '{AT}');
INSERT INTO post_keys VALUES (1, 'id:a', 1);
INSERT INTO suggestions (id, client_id, story_id, post_id, verb, target_url, account_id, network,
        channel, alternatives, verdict_sha, draft_sha, score, total, state, created_at, expires_at)
    VALUES (1, 'acme', 1, 1, 'comment', 'https://acme.example/a', 'anna-web', 'web', 'handoff',
        '[]', 'none', 'none', '{{"total": 1, "parts": {{}}}}', 1, 'skipped', '{AT}', '{LATER}');
INSERT INTO decisions (id, suggestion_id, outcome, reason, decided_at)
    VALUES (1, 1, 'skipped', 'other', '{AT}');
"""


@pytest.fixture
def first_house(tmp_path: Path) -> str:
    """A database as the first revision left it, with something in every table that matters."""
    with closing(sqlite3.connect(tmp_path / "netbot.db")) as database:
        database.executescript(schemas.kept("0001"))
        database.executescript(FIRST_HOUSE)
    return f"sqlite:///{tmp_path}/netbot.db"


@pytest.fixture
def upgraded(first_house: str) -> Iterator[Store]:
    with Store(first_house, "professional") as store:
        yield store


def test_an_old_database_comes_along_with_all_it_holds(upgraded: Store):
    with upgraded.read() as tx:
        revision = tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        assert revision == schema.HEAD != "0001"
        well, failing, never = sources.everything(tx)
        card = suggestions.get(tx, "professional", "professional-1")
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert posts.known(tx, 1, ["id:a"])["id:a"].post_id == 1
        assert posts.count_aside(tx) == {}
    assert (well.cursor, well.title, well.failing_since) == ('{"etag": "1"}', "ACME", None)
    assert (well.quiet, well.place, well.merged_into) == (Quiet(), "", None)
    assert failing.failing_since == failing.succeeded_at
    assert never.failing_since == never.tried_at
    assert card.post.post.title == "Neues"


def shape(store: Store) -> set[tuple[str, ...]]:
    with store.read() as tx:
        listed = "SELECT type, name FROM sqlite_master"
        columns = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c"
        return {tuple(row) for query in (listed, columns) for row in tx.exec_driver_sql(query)}


@pytest.mark.parametrize("revision", schemas.revisions())
def test_every_released_schema_is_kept_and_becomes_what_a_new_one_is(revision, tmp_path):
    """``python -m tests.schemas`` keeps a new one; what was released never changes."""
    kept = schemas.kept(revision)
    shaped = "".join(f"{each};\n" for each in kept.split(";\n") if "CREATE TRIGGER" not in each)
    assert shaped.removesuffix(";\n") == schemas.made(revision)
    with closing(sqlite3.connect(tmp_path / "netbot.db")) as database:
        database.executescript(kept)
        database.execute("INSERT INTO meta VALUES ('sphere', 'professional')")
        database.commit()
    with (
        Store(f"sqlite:///{tmp_path}/netbot.db", "professional") as old,
        Store("sqlite://", "professional") as new,
    ):
        assert shape(old) == shape(new)
        assert old.find_damage() == ""


def test_an_old_database_becomes_what_a_new_one_is(upgraded: Store):
    with Store("sqlite://", "professional") as new:
        assert shape(upgraded) == shape(new)


def test_triggers_still_guard_what_was_decided(upgraded: Store):
    for statement in (
        "UPDATE decisions SET reason = 'nonsense'",
        "DELETE FROM decisions",
        "UPDATE suggestions SET account_id = 'somebody'",
    ):
        with pytest.raises(DatabaseError, match="append-only or frozen"), upgraded.write() as tx:
            tx.exec_driver_sql(statement)


def test_a_failing_source_of_old_goes_on_failing(upgraded: Store):
    with upgraded.write() as tx:
        sources.align(tx, ACME.sources, NOON)
        first, second, third = sources.everything(tx)
        assert [first.configured, second.configured, third.configured] == [True, True, False]
        assert sources.due(tx, NOON + days(1)) == [first, second]

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, IntegrityError, StatementError
from sqlalchemy.schema import CreateIndex, CreateTable

from netbot.model import Direction, Source, StoreError, Touch
from netbot.network import Quiet
from netbot.store import (
    Store,
    columns,
    houses,
    posts,
    schema,
    sources,
    texts,
    touches,
    triggers,
    upgrade,
)
from tests.house import ACME, BLOG, NOON, days, hours, post


@pytest.fixture
def store() -> Iterator[Store]:
    with Store("sqlite://", "professional") as opened:
        yield opened


@pytest.fixture
def source(store: Store) -> int:
    with store.write() as tx:
        sources.align(tx, ACME.sources[:1], NOON)
        return sources.everything(tx)[0].id


def test_a_file_belongs_to_one_sphere(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/netbot.db"
    Store(url, "professional").close()
    Store(url, "professional").close()
    with pytest.raises(StoreError, match="belongs to the sphere professional, not private"):
        Store(url, "private")


def test_what_is_no_database_is_said(tmp_path: Path):
    (tmp_path / "netbot.db").write_text("shopping list\n" * 500)
    with pytest.raises(StoreError, match="is not a netbot database"):
        Store(f"sqlite:///{tmp_path}/netbot.db", "private")
    with pytest.raises(StoreError, match="cannot be used now: unable to open"):
        Store(f"sqlite:///{tmp_path}/missing/netbot.db", "private")


def test_a_newer_database_is_refused(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/netbot.db"
    with Store(url, "private") as opened, opened.write() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="written by a newer netbot"):
        Store(url, "private")


def test_many_processes_may_open_a_new_file_at_once(tmp_path: Path):
    opened: list[str] = []

    def open_it() -> None:
        with Store(f"sqlite:///{tmp_path}/netbot.db", "private") as mine:
            opened.append(mine.sphere)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == ["private"] * 6


def test_durable_settings_hold_on_every_connection(tmp_path: Path):
    with Store(f"sqlite:///{tmp_path}/netbot.db", "private") as opened, opened.read() as tx:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        values = [tx.exec_driver_sql(f"PRAGMA {pragma}").scalar() for pragma in pragmas]
    assert values == ["wal", 2, 1, 10_000]


def test_a_write_that_fails_leaves_nothing(store: Store):
    with pytest.raises(RuntimeError), store.write() as tx:
        texts.put(tx, "acme", ["half"], NOON)
        raise RuntimeError
    with store.read() as tx:
        assert texts.get(tx, "acme", [texts.sha256("half")]) == {}


def test_writers_take_turns_and_readers_do_not_wait(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/netbot.db"
    with Store(url, "private") as one, Store(url, "private") as other, one.write() as tx:
        texts.put(tx, "acme", ["new"], NOON)
        with other.read() as reading:
            assert texts.get(reading, "acme", [texts.sha256("new")]) == {}


def test_whatever_is_read_in_a_moment_is_of_that_moment(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/netbot.db"
    with Store(url, "private") as one, Store(url, "private") as other:
        with one.moment():
            with one.read() as tx:
                assert houses.load(tx) is None
            with other.write() as tx:
                houses.save(tx, "{}", {}, NOON)
            with one.read() as tx:
                assert houses.load(tx) is None
            with pytest.raises(StoreError, match="no such table"), one.read() as tx:
                tx.exec_driver_sql("SELECT * FROM nowhere")
        with one.read() as tx:
            assert houses.load(tx) == ("{}", {})


def test_a_database_that_stays_locked_is_said(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/netbot.db"
    with Store(url, "private") as one, Store(url, "private") as other:
        with other.read() as tx:
            tx.exec_driver_sql("PRAGMA busy_timeout=1")
        with one.write(), pytest.raises(StoreError, match="cannot be used now: database is locked"):
            other.write().__enter__()


def test_a_task_is_held_by_one(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/netbot.db"
    with Store(url, "private") as one, Store(url, "private") as other:
        with one.alone("executor", wait=False):
            with pytest.raises(StoreError, match="another netbot is already at work for private"):
                other.alone("executor", wait=False).__enter__()
        with other.alone("executor", wait=False):
            pass


def test_in_memory_there_is_nobody_to_wait_for(store: Store):
    with store.alone("watch"), store.alone("watch"):
        assert store.sphere == "professional"


def test_migrations_make_what_the_schema_says(store: Store):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with store.read() as tx:
        assert compare_metadata(MigrationContext.configure(tx), schema.metadata) == []
        assert ScriptDirectory.from_config(upgrade.config(tx)).get_heads() == [schema.HEAD]
        listed = tx.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE type = 'trigger'"
        ).scalars()
        made = set(listed)
        checks = {
            (table, check["name"])
            for table in inspect(tx).get_table_names()
            for check in inspect(tx).get_check_constraints(table)
        }
    assert made == {line for line in triggers.statements("sqlite") if line.startswith("CREATE")}
    wanted = {
        (table.name, f"ck_{table.name}_{constraint.name}".removeprefix(f"ck_{table.name}_ck_"))
        for table in schema.metadata.tables.values()
        for constraint in table.constraints
        if type(constraint).__name__ == "CheckConstraint"
    }
    assert len(checks) == len(wanted)


def test_triggers_come_back_after_a_step_that_dropped_them(store: Store):
    with store.write() as tx:
        tx.exec_driver_sql("DROP TRIGGER outbox_frozen")
        triggers.create_all(tx)
        triggers.create_all(tx)
        found = tx.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).scalars()
        assert "outbox_frozen" in set(found)


def test_the_schema_can_be_made_on_postgresql_too():
    dialect = postgresql.dialect()
    for table in schema.metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert "INDEX" in str(CreateIndex(index).compile(dialect=dialect))
    ddl = list(triggers.statements("postgresql"))
    assert len(ddl) == len(list(triggers.statements("sqlite"))) + 1
    assert sum("EXECUTE FUNCTION netbot_refuse()" in line for line in ddl) == len(ddl) // 2


def test_times_are_kept_exactly_and_naive_ones_refused(store: Store):
    moment = columns.Moment()
    assert moment.process_bind_param(NOON, sqlite.dialect()) == "2026-11-23T11:00:00.000000+00:00"
    assert moment.process_bind_param(NOON, postgresql.dialect()) == NOON
    assert moment.process_result_value(NOON, postgresql.dialect()) == NOON
    with store.write() as tx, pytest.raises(StatementError, match="aware UTC"):
        texts.put(tx, "acme", ["x"], NOON.replace(tzinfo=None))


def test_decisions_and_history_are_append_only(store: Store):
    with store.write() as tx:
        _a_decision(tx)
    for statement in (
        "UPDATE decisions SET reason = 'other'",
        "DELETE FROM decisions",
        "UPDATE suggestions SET account_id = 'somebody'",
        "UPDATE suggestions SET target_url = 'https://elsewhere.example'",
    ):
        with pytest.raises(DatabaseError, match="append-only or frozen"), store.write() as tx:
            tx.exec_driver_sql(statement)


def test_an_act_needs_an_approved_decision(store: Store):
    with store.write() as tx:
        decision, suggestion = _a_decision(tx)
    act = {
        "decision_id": decision,
        "suggestion_id": suggestion,
        "client_id": "acme",
        "verb": "like",
        "network": "web",
        "channel": "handoff",
        "target_sha": "x",
        "text_sha": "x",
        "state": "pending",
        "not_before": NOON,
        "expires_at": NOON,
        "created_at": NOON,
        "changed_at": NOON,
    }
    for changes in ({}, {"outcome": "skipped"}):
        with pytest.raises(IntegrityError), store.write() as tx:
            tx.execute(insert(schema.outbox).values(**(act | changes)))


def _a_decision(tx) -> tuple[int, int]:
    sources.align(tx, ACME.sources[:1], NOON)
    born = posts.insert_posts(tx, 1, "acme", [(post("a"), None)], NOON)[0]
    suggestion = tx.execute(
        insert(schema.suggestions)
        .values(
            client_id="acme",
            story_id=born,
            post_id=born,
            verb="like",
            target_url="https://acme.example/a",
            network="web",
            channel="handoff",
            alternatives=[],
            verdict_sha="x",
            draft_sha="x",
            score={"total": 0, "parts": {}},
            total=0,
            state="waiting",
            created_at=NOON,
            expires_at=NOON,
        )
        .returning(schema.suggestions.c.id)
    ).scalar_one()
    decision = tx.execute(
        insert(schema.decisions)
        .values(suggestion_id=suggestion, outcome="skipped", reason="other", decided_at=NOON)
        .returning(schema.decisions.c.id)
    ).scalar_one()
    return decision, suggestion


def test_a_text_is_kept_once_for_each_client(store: Store):
    bodies = [f"Zeile {number}" for number in range(1200)]
    with store.write() as tx:
        texts.put(tx, "acme", [*bodies, *bodies], NOON)
        texts.put(tx, "acme", bodies[:3], NOON)
        texts.put(tx, "other", bodies[:1], NOON)
        assert len(texts.get(tx, "acme", [texts.sha256(body) for body in bodies])) == 1200
        assert len(tx.execute(select(schema.texts)).all()) == 1201


def test_sources_follow_the_configuration(store: Store):
    first, second = ACME.sources
    with store.write() as tx:
        sources.align(tx, [first, second], NOON)
        one, _other = sources.everything(tx)
        assert [each.source for each in sources.due(tx, NOON)] == [first, second]
        sources.reserve(tx, one.id, NOON, NOON + hours(1))
        assert [each.source for each in sources.due(tx, NOON)] == [second]
        sources.align(tx, [first], NOON)
        sources.align(tx, [first], NOON)
        assert [each.configured for each in sources.everything(tx)] == [True, False]
        assert sources.due(tx, NOON) == []
        sources.align(tx, [first, second], NOON + hours(2))
        assert [each.source for each in sources.due(tx, NOON + hours(2))] == [first, second]


def test_a_source_remembers_how_the_looks_went(store: Store, source: int):
    with store.write() as tx:
        sources.fail(
            tx,
            source,
            next_check=None,
            error="gone",
            failures=3,
            failing_since=NOON - days(1),
            gone_at=NOON,
        )
        failed = sources.everything(tx)[0]
        assert (failed.failures, failed.last_error, failed.gone_at) == (3, "gone", NOON)
        for cursor, title in (("c", "ACME"), ("d", "")):
            sources.succeed(
                tx,
                source,
                NOON,
                next_check=NOON + days(1),
                cursor=cursor,
                title=title,
                quiet=Quiet(hours=frozenset({3})),
            )
        sources.seed(tx, source, NOON)
        well = sources.everything(tx)[0]
    assert (well.failures, well.last_error, well.title, well.cursor) == (0, "", "ACME", "d")
    assert (well.seeded_at, well.failing_since) == (NOON, None)
    assert well.quiet == Quiet(hours=frozenset({3}))


def test_posts_come_back_as_they_were(store: Store, source: int):
    full = post("a", tags=("x",), links=2, media=1, author="Ada", in_reply_to="https://b.example")
    with store.write() as tx:
        assert posts.insert_posts(tx, source, "acme", [], NOON) == []
        first, second = posts.insert_posts(
            tx, source, "acme", [(full, None), (post("b"), None)], NOON
        )
        found = posts.by_ids(tx, [first])[first]
        assert found.post == full
        assert (found.story, found.client, found.gone) == (first, "acme", False)
        assert found.source == ACME.sources[0]
        assert posts.at_url(tx, "https://acme.example/b") == posts.by_ids(tx, [second])[second]
        assert posts.at_url(tx, "https://acme.example/z") is None
        assert [each.id for each in posts.tellers(tx, second)] == [second]
        assert [each.id for each in posts.recent(tx, "acme", since=NOON)] == [first, second]
        assert posts.recent(tx, "acme", since=NOON, other_than=source) == []


def test_an_edit_keeps_the_date_that_it_no_longer_has(store: Store, source: int):
    with store.write() as tx:
        (born,) = posts.insert_posts(tx, source, "acme", [(post("a"), None)], NOON)
        edited = post("a", text="Anders.", published_at=None)
        posts.update_post(tx, born, "acme", edited, NOON + hours(1))
        again = posts.by_ids(tx, [born])[born].post
        assert (again.text, again.published_at) == ("Anders.", NOON)
        posts.update_post(tx, born, "acme", post("a", published_at=NOON + hours(1)), NOON)
        assert posts.by_ids(tx, [born])[born].post.published_at == NOON + hours(1)


def test_forgotten_texts_leave_the_post(store: Store, source: int):
    with store.write() as tx:
        (born,) = posts.insert_posts(tx, source, "acme", [(post("a"), None)], NOON)
        tx.execute(schema.texts.delete())
        assert posts.by_ids(tx, [born])[born].post.text == ""


def test_an_identity_leads_to_the_first_that_had_it(store: Store, source: int):
    with store.write() as tx:
        first, second = posts.insert_posts(
            tx, source, "acme", [(post("a"), None), (post("b"), None)], NOON
        )
        posts.add_keys(tx, source, {"id:a": second, "id:c": second})
        known = posts.known(tx, source, ["id:a", "id:c", "id:z"])
    assert {key: each.post_id for key, each in known.items()} == {"id:a": first, "id:c": second}


def test_the_last_good_configuration_and_heartbeats_are_kept(store: Store):
    with store.write() as tx:
        assert houses.load(tx) is None
        houses.save(tx, "{}", {"netbot.yaml": "1"}, NOON)
        houses.save(tx, '{"sphere":"x"}', {"netbot.yaml": "2"}, NOON)
        assert houses.load(tx) == ('{"sphere":"x"}', {"netbot.yaml": "2"})
        houses.beat(tx, "watch", NOON, ok=True)
        houses.beat(tx, "watch", NOON + hours(1), ok=False, note="disk full")
        (beat,) = houses.pulse(tx)
    assert (beat.at, beat.ok, beat.note) == (NOON + hours(1), False, "disk full")


def test_touches_count_until_they_are_undone(store: Store):
    with store.write() as tx:
        _a_decision(tx)
        mine = Touch(
            client="acme",
            at=NOON,
            direction=Direction.OUT,
            kind="comment",
            suggestion="professional-1",
            text="Danke!",
        )
        theirs = Touch(client="acme", at=NOON + hours(1), direction=Direction.IN, kind="mail")
        touches.add(tx, "professional", mine)
        touches.add(tx, "professional", theirs)
        assert touches.of_client(tx, "professional", "acme", limit=5) == [theirs, mine]
        assert touches.last(tx) == {"acme": NOON}
        assert touches.times(tx, since=NOON - days(1)) == {"acme": [NOON]}
        touches.undo(tx, "professional", "professional-1", NOON + hours(2))
        assert touches.of_client(tx, "professional", "acme", limit=5) == [theirs]
        assert touches.last(tx) == {}


def test_nothing_crosses_sources(store: Store):
    with store.write() as tx:
        sources.align(tx, ACME.sources, NOON)
        (born,) = posts.insert_posts(tx, 1, "acme", [(post("a"), None)], NOON)
        assert posts.known(tx, 2, ["id:a"]) == {}
        assert posts.stories(tx, "acme", ["id:a"], other_than=2) == {"id:a": born}
        assert posts.stories(tx, "acme", ["id:a"], other_than=1) == {}
        assert posts.stories(tx, "somebody", ["id:a"], other_than=2) == {}


def test_an_unknown_source_cannot_have_posts(store: Store):
    with pytest.raises(IntegrityError), store.write() as tx:
        posts.insert_posts(tx, 99, "acme", [(post("a"), None)], NOON)


def test_words_of_states_are_checked(store: Store):
    with store.write() as tx:
        _a_decision(tx)
    with pytest.raises(IntegrityError), store.write() as tx:
        tx.execute(update(schema.suggestions).values(state="liked"))


def test_a_source_is_known_by_all_three(store: Store):
    twin = Source(client="other", network="web", address=BLOG)
    with store.write() as tx:
        sources.align(tx, [ACME.sources[0], twin], NOON)
        assert len(sources.everything(tx)) == 2

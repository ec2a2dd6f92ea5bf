"""What the store says and keeps when disk or file fail."""

import fcntl
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import IntegrityError

from netbot.model import Damaged, StoreError
from netbot.store import Store, connecting, faults, schema, texts, upgrade
from tests.house import NOON
from tests.nowhere import no_file_grows


def put(store: Store, body: str) -> None:
    with store.write() as tx:
        texts.put(tx, "acme", [body], NOON)


def kept(store: Store) -> list[str]:
    with store.read() as tx:
        return list(tx.exec_driver_sql("SELECT body FROM texts ORDER BY body").scalars())


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/netbot.db"
    with Store(url, "professional") as store:
        put(store, "before")
    return url


def test_a_full_disk_is_said_and_nothing_is_half_written(url):
    """SQLite's own answer to a full disk, brought about by its own limit."""
    with Store(url, "professional") as store:
        with store.read() as tx:
            tx.exec_driver_sql("PRAGMA max_page_count=1")  # cut off where the file ends now
        for _ in range(3):
            with pytest.raises(StoreError, match=r"is full.*the disk is full, nothing was written"):
                put(store, "x" * 100_000)
            assert kept(store) == ["before"]
        put(store, "small")  # it fits into pages that are there
        assert store.find_damage() == ""
    with Store(url, "professional") as store:
        assert kept(store) == ["before", "small"]


@pytest.mark.parametrize("grown", [0, 4096, 20_000, 60_000])
def test_a_disk_that_takes_no_more_bytes_is_survived(url, grown):
    with Store(url, "professional") as store:
        with no_file_grows(grown), pytest.raises(StoreError, match="the disk fails or is full"):
            put(store, "x" * 500_000)
        assert kept(store) == ["before"]
        put(store, "after")
        assert store.find_damage() == ""
    with Store(url, "professional") as store:
        assert kept(store) == ["after", "before"]


def test_what_must_not_be_written_is_said(url):
    with Store(url, "professional") as store:
        with store.read() as tx:
            tx.exec_driver_sql("PRAGMA query_only=ON")
        with pytest.raises(StoreError, match=r"readonly.*netbot may not write there"):
            put(store, "no")
        assert kept(store) == ["before"]


def test_a_rule_of_the_schema_is_no_fault_of_the_file(url):
    with Store(url, "professional") as store, pytest.raises(IntegrityError), store.write() as tx:
        tx.exec_driver_sql("INSERT INTO meta VALUES ('sphere', 'twice')")


def test_damage_is_found_in_memory_too():
    with Store("sqlite://", "professional") as store:
        assert store.find_damage() == ""


def test_what_sqlite_does_not_name_is_told_as_it_is():
    told = faults.explain("netbot.db", sqlite3.OperationalError("no such table: x"))
    assert str(told) == "the database cannot be used now: no such table: x"


def test_a_database_is_kept_before_it_is_brought_up_to_date(url, tmp_path):
    backups = tmp_path / "backups"
    assert not backups.exists()
    age(url, "0001")
    with Store(url, "professional"), Store(url, "professional"):
        pass
    assert [path.name for path in backups.iterdir()] == ["before-upgrade-0001.db"]
    Path(f"{tmp_path}/netbot.db").unlink()
    (backups / "before-upgrade-0001.db").rename(tmp_path / "netbot.db")
    with Store(url, "professional") as store, store.read() as tx:
        assert tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == schema.HEAD


def age(url: str, revision: str) -> None:
    """A database as a revision left it."""
    from alembic import command
    from sqlalchemy import create_engine

    Path(url.removeprefix("sqlite:///")).unlink()
    engine = create_engine(url)
    with engine.begin() as tx:
        command.upgrade(upgrade.config(tx), revision)
        tx.exec_driver_sql("INSERT INTO meta VALUES ('sphere', 'professional')")
    engine.dispose()


def test_a_newer_database_is_refused_before_anything_is_copied(url, tmp_path):
    with Store(url, "professional") as store, store.write() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="written by a newer netbot"):
        Store(url, "professional")
    assert not (tmp_path / "backups").exists()


def test_rows_that_lead_nowhere_stop_an_upgrade(url, tmp_path):
    age(url, "0001")
    with sqlite3.connect(tmp_path / "netbot.db") as raw:
        raw.execute("INSERT INTO post_keys VALUES (7, 'id:a', 7)")
    raw.close()
    with pytest.raises(Damaged, match="2 rows, the first in post_keys, lead nowhere"):
        Store(url, "professional")
    with sqlite3.connect(tmp_path / "netbot.db") as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    raw.close()


def test_foreign_keys_hold_again_after_an_upgrade(url):
    age(url, "0001")
    with Store(url, "professional") as store:
        with store.read() as tx:
            assert tx.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        with pytest.raises(IntegrityError), store.write() as tx:
            tx.exec_driver_sql("INSERT INTO post_keys VALUES (7, 'id:a', 7)")


def test_whoever_opens_a_new_file_beside_another_waits_for_it(tmp_path):
    """SQLite refuses at once while another is still making the file what both want it to be."""
    first = sqlite3.connect(tmp_path / "x.db", check_same_thread=False)
    first.execute("CREATE TABLE t (x)")
    with closing(first), closing(sqlite3.connect(tmp_path / "x.db", timeout=0)) as second:
        first.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            connecting.write_ahead(second, patience_s=0)
        free = threading.Timer(0.1, first.rollback)
        free.start()
        connecting.write_ahead(second, patience_s=30)
        free.join()
        assert second.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_who_waited_for_the_upgrade_finds_it_done(url, tmp_path):
    age(url, "0001")
    looked = threading.Semaphore(0)

    def tell(_connection: Connection) -> None:
        looked.release()

    event.listen(Engine, "commit", tell)
    both = [threading.Thread(target=lambda: Store(url, "professional").close()) for _ in range(2)]
    try:
        with (tmp_path / "migration.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for one in both:
                one.start()
            for _ in both:  # each has seen that the database is old
                assert looked.acquire(timeout=30)
        for one in both:
            one.join()
    finally:
        event.remove(Engine, "commit", tell)
    assert [each.name for each in (tmp_path / "backups").iterdir()] == ["before-upgrade-0001.db"]
    with Store(url, "professional") as store:
        assert store.find_damage() == ""

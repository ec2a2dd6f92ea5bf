"""Bringing an old database up to date, killed at every step of it."""

import gc
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from netbot.store import Store, copies, schema
from tests import schemas
from tests.unit.test_store_upgrade import FIRST_HOUSE

#: What a process asks of its surroundings, besides statements: each is a step to be killed at.
STEPS = {"open", "os.rename", "os.remove", "sqlite3.connect", "fcntl.flock"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place: death by a signal loses nothing that was written."""
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(prefix="netbot-", dir=place) as name:
        yield Path(name)


def lay(folder: Path, revision: str) -> str:
    """An old database with something in it; returns all that it holds."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / "netbot.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.executescript(f"BEGIN;{schemas.kept(revision)}{FIRST_HOUSE}COMMIT;")
    return dump(folder / "netbot.db")


def child(work: Callable[[], object]) -> int:
    """Do it in a fork of this process, which holds no database open; returns its exit status."""
    gc.collect()
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1]
    try:
        work()
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def open_and_die(folder: Path, fatal: int) -> int:
    """Open the database, and kill this very process at the ``fatal``-th step; or count them."""
    seen = 0

    def step(*_facts: object) -> None:
        nonlocal seen
        seen += 1
        if seen == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, name, step)
    sys.addaudithook(lambda what, facts: step() if is_step(what, facts, folder) else None)
    Store(f"sqlite:///{folder}/netbot.db", "professional").close()
    return seen


def is_step(what: str, facts: tuple[object, ...], folder: Path) -> bool:
    return what in STEPS and str(folder) in str(facts[0])


def look(folder: Path) -> tuple[str, str, str]:
    """Revision, shape and damage as SQLite itself tells them, whatever was in the middle."""
    with closing(sqlite3.connect(folder / "netbot.db")) as database:
        names = "SELECT group_concat(sql) FROM (SELECT sql FROM sqlite_master ORDER BY name)"
        version = database.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        shape = database.execute(names).fetchone()[0]
        strays = database.execute("PRAGMA foreign_key_check").fetchall()
        return version, shape, copies.find_damage(database.execute) + str(strays or "")


@pytest.mark.parametrize("revision", schemas.revisions()[:-1])
def test_killed_at_every_step_it_is_never_half_migrated(revision, home, soak):
    """Every step in ``make soak``; else every one around the end, and some on the way there."""
    held = lay(home / "old", revision)
    old, steps = (
        look(home / "old"),
        count_steps(shutil.copytree(home / "old", home / "new")),
    )
    new = look(home / "new")
    assert (old[0], new[0]) == (revision, schema.HEAD)
    fatal = [*range(1, steps - 12, 1 if soak > 1 else 9), *range(steps - 12, steps + 1)]
    found = [die(home, kill, revision, held, {old, new}) for kill in fatal]
    assert set(found) == {old, new}
    assert found == sorted(found)
    assert len(fatal) >= 20, f"{steps} steps"


def count_steps(folder: Path) -> int:
    """How many steps a whole life has."""
    reader, writer = os.pipe()
    assert child(lambda: os.write(writer, str(open_and_die(folder, 0)).encode())) == 0
    os.close(writer)
    with os.fdopen(reader, encoding="ascii") as told:
        return int(told.read())


def die(
    home: Path, kill: int, revision: str, held: str, whole: set[tuple[str, str, str]]
) -> tuple[str, str, str]:
    """One life that ends at a step, and the next; returns what lay there between the two."""
    folder = shutil.copytree(home / "old", home / f"kill-{kill}")
    status = child(lambda: open_and_die(folder, kill))
    assert os.WTERMSIG(status) == signal.SIGKILL, f"step {kill} killed nobody"
    found = look(folder)
    assert found in whole, f"half-migrated by kill {kill}"
    copy = folder / copies.FOLDER / f"before-upgrade-{revision}.db"
    assert found[0] == revision or dump(copy) == held
    assert child(lambda: Store(f"sqlite:///{folder}/netbot.db", "professional").close()) == 0
    assert look(folder)[0] == schema.HEAD
    assert dump(copy) == held
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
    shutil.rmtree(folder)
    return found


def dump(file: Path) -> str:
    with closing(sqlite3.connect(file)) as database:
        return "\n".join(database.iterdump())

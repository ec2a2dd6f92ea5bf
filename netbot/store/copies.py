"""Copies of a database, by SQLite's own means: the bytes of a file in use are no copy of it."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from netbot.model import Damaged
from netbot.store.faults import telling
from netbot.text import mark
from netbot.wholefile import sync_folder

#: Beside a sphere's database: where its copies lie.
FOLDER = "backups"

#: How many faults are told; one is enough to know.
MOST_FAULTS = 3

#: How long a copy waits for a writer that will not end, in seconds.
PATIENCE_S = 10


def copy(source: Path, target: Path) -> None:
    """Make ``target`` a copy of ``source`` as it is at one moment, also while others use it.

    The copy is one file, checked, on the disk and for its owner alone. Raises ``StoreError`` when
    it cannot be made, ``Damaged`` when the source is not whole; then an older target stays.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        with (
            telling(str(source)),
            closing(_connect(source)) as old,
            closing(_connect(part)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
            damage = find_damage(new.execute)
        if damage:
            raise Damaged(
                mark("{source} is damaged, no copy was made: {damage}"),
                source=source,
                damage=damage,
            )
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(target.parent)


def find_damage(execute: Callable[[str], Iterable[Any]]) -> str:
    """What SQLite finds wrong with an open database; "" when it is whole."""
    found = [" ".join(str(row[0]).split()) for row in execute(f"PRAGMA quick_check({MOST_FAULTS})")]
    return "" if found == ["ok"] else "; ".join(found)


def revision(file: Path) -> str:
    """The schema's revision that a database has, "" for none. Raises ``StoreError``."""
    with telling(str(file)), closing(_connect(file)) as connection:
        listed = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
        if listed.fetchone() is None:
            return ""
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _connect(file: Path) -> sqlite3.Connection:
    """Never makes a file."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=PATIENCE_S)

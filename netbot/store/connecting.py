"""How netbot's databases are connected to: what each connection is told, and how one writes."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.util import LRUCache

#: How long a transaction waits for another process's, in seconds.
BUSY_TIMEOUT_S = 10


#: So soon it is tried again where SQLite does not wait by itself, in seconds.
_LOOK_AGAIN_S = 0.02

#: Statements as SQLite reads them, for all engines of a process: each request to the page opens
#: its database anew and asks the same.
_COMPILED: LRUCache[Any, Any] = LRUCache(1_000)


def create(url: str) -> Engine:
    """``sqlite://`` (in memory) or ``sqlite:///PATH``; nothing is opened yet."""
    options: dict[str, Any] = {}
    if url == "sqlite://":  # one connection, or every thread would see its own empty database
        from sqlalchemy.pool import StaticPool

        options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    engine = create_engine(url, execution_options={"compiled_cache": _COMPILED}, **options)
    engine.dialect = _dialect()
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


@cache
def _dialect() -> Dialect:
    """One for all engines: compiled statements belong to the dialect that wrote them."""
    engine = create_engine("sqlite://")
    engine.connect().close()  # whereby it asks its library what that can do
    engine.dispose()
    return engine.dialect


def _prepare(connection: Any, _record: object) -> None:
    """``synchronous=FULL``: a decision that was acknowledged survives a power cut."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
    write_ahead(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def write_ahead(connection: sqlite3.Connection, patience_s: float = BUSY_TIMEOUT_S) -> None:
    """Keep a write-ahead log, and wait for whoever is just making the file keep one.

    SQLite itself does not wait here. Raises ``sqlite3.OperationalError`` when it takes too long.
    """
    ends_at, pause = monotonic() + patience_s, threading.Event()
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or monotonic() >= ends_at:
                raise
            pause.wait(_LOOK_AGAIN_S)
        else:
            return


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("netbot_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds the write lock from its first statement; all or nothing."""
    with engine.connect().execution_options(netbot_write=True) as tx, tx.begin():
        yield tx

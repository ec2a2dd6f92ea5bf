"""One sphere's memory: one SQLite file, the only place where SQL is spoken.

``read()`` and ``write()`` give a transaction; the modules beside this one turn rows into the
frozen values of ``netbot.model`` and back. A write takes the lock at once (BEGIN IMMEDIATE), so
nothing that was read in it can have changed before it commits.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.exc import DatabaseError, OperationalError

from netbot.model import StoreError
from netbot.store import schema, triggers

#: An open transaction, as the modules of this package take it.
Tx = Connection

#: How long a transaction waits for another process's, in seconds.
BUSY_TIMEOUT_S = 10


class Store:
    """The database of one sphere; several threads and processes may hold one each.

    Raises ``StoreError`` when the file belongs to another sphere, is newer than this program or
    is not a database.
    """

    def __init__(self, url: str, sphere: str) -> None:
        """``url`` is ``sqlite://`` (in memory) or ``sqlite:///PATH``."""
        self.sphere = sphere
        self.engine = _create_engine(url)
        self._folder = _folder_of(self.engine)
        try:
            self._open()
        except DatabaseError as error:
            raise StoreError(f"{url} is not a netbot database: {error.orig}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back; the store cannot be used afterwards."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment of the database and changes nothing.

        Raises ``StoreError`` when the database cannot be used: locked for long, disk full.
        """
        with _telling(), self.engine.begin() as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its first statement; all or nothing.

        Raises ``StoreError`` as ``read`` does.
        """
        with (
            _telling(),
            self.engine.connect().execution_options(netbot_write=True) as tx,
            tx.begin(),
        ):
            yield tx

    @contextmanager
    def alone(self, task: str, *, wait: bool = True) -> Iterator[None]:
        """Hold ``task`` for this process; another one that asks for it waits.

        Without ``wait`` it raises ``StoreError`` instead. The kernel gives the task back when the
        process ends, however it ends. In memory there is nobody to wait for.
        """
        if self._folder is None:
            yield
            return
        with (self._folder / f"{task}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(
                    f"another netbot is already at work for {self.sphere} (its {task} is taken): "
                    "stop that one first"
                ) from None
            yield

    def _open(self) -> None:
        with self.read() as tx:
            revision = _revision(tx)
        if revision != schema.HEAD:
            with self.alone("migration"):
                self._migrate()
        with self.read() as tx:
            owner = tx.scalar(select(schema.meta.c.value).where(schema.meta.c.name == "sphere"))
        if owner != self.sphere:
            raise StoreError(
                f"this database belongs to the sphere {owner}, not {self.sphere}: "
                "move it back to data/<sphere>/netbot.db"
            )

    def _migrate(self) -> None:
        from netbot.store.upgrade import upgrade

        with self.write() as tx:
            fresh = _revision(tx) is None
            upgrade(tx)
            triggers.create_all(tx)
            if fresh:
                tx.execute(insert(schema.meta).values(name="sphere", value=self.sphere))


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise StoreError(f"the database cannot be used now: {error.orig}") from error


def _create_engine(url: str) -> Engine:
    options: dict[str, Any] = {}
    if url == "sqlite://":  # one connection, or every thread would see its own empty database
        from sqlalchemy.pool import StaticPool

        options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    """``synchronous=FULL``: a decision that was acknowledged survives a power cut."""
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("netbot_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _folder_of(engine: Engine) -> Path | None:
    database = engine.url.database
    return Path(database).parent if database else None


def _revision(tx: Connection) -> str | None:
    if not tx.dialect.has_table(tx, "alembic_version"):
        return None
    revision: str | None = tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return revision

"""One sphere's memory: one SQLite file, the only place where SQL is spoken.

``read()`` and ``write()`` give a transaction; the modules beside this one turn rows into the
frozen values of ``netbot.model`` and back. A write takes the lock at once (BEGIN IMMEDIATE), so
nothing that was read in it can have changed before it commits.
"""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, insert, select

from netbot.model import Damaged, StoreError
from netbot.store import connecting, copies, schema, triggers
from netbot.store.faults import telling
from netbot.text import mark

#: An open transaction, as the modules of this package take it.
Tx = Connection


class Store:
    """The database of one sphere; several threads and processes may hold one each.

    Raises ``StoreError`` when the file belongs to another sphere, is newer than this program or
    is not a database, ``Damaged`` when it was one.
    """

    def __init__(self, url: str, sphere: str) -> None:
        """``url`` is ``sqlite://`` (in memory) or ``sqlite:///PATH``."""
        self.sphere = sphere
        self.engine = connecting.create(url)
        self._place = self.engine.url.database or "the database in memory"
        self._folder = _folder_of(self.engine)
        self._moment: Connection | None = None
        with ExitStack() as undo:
            undo.callback(self.close)
            self._open()
            undo.pop_all()

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

        Raises ``StoreError`` when the database cannot be used: locked for long, disk full, folder
        read-only; ``Damaged`` when its file is not whole.
        """
        with telling(self._place):
            if self._moment is not None:
                yield self._moment
                return
            with self.engine.begin() as tx:
                yield tx

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Whatever is read inside sees the same moment of the database, in one transaction.

        For one thread that only looks: what it writes meanwhile, it would not see.

        Raises ``StoreError`` as ``read`` does.
        """
        with self.read() as tx:
            self._moment = tx
            try:
                yield
            finally:
                self._moment = None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its first statement; all or nothing.

        Raises ``StoreError`` as ``read`` does.
        """
        with telling(self._place), connecting.writing(self.engine) as tx:
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
                    mark(
                        "another netbot is already at work for {sphere} (its {task} is taken): "
                        "stop that one first"
                    ),
                    sphere=self.sphere,
                    task=task,
                ) from None
            yield

    def find_damage(self) -> str:
        """What SQLite finds wrong with the file, read from end to end; "" when it is whole.

        Raises ``StoreError`` when it cannot look: locked for long.
        """
        try:
            with self.read() as tx:
                return copies.find_damage(tx.exec_driver_sql)
        except Damaged as error:
            return str(error)

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
                mark(
                    "this database belongs to the sphere {owner}, not {sphere}: move it back to "
                    "data/<sphere>/netbot.db"
                ),
                owner=owner,
                sphere=self.sphere,
            )

    def _migrate(self) -> None:
        """One transaction: a process that dies in it leaves the database as it was."""
        with (
            telling(self._place),
            self.engine.connect().execution_options(netbot_write=True) as tx,
            _unchecked(tx),
            tx.begin(),
        ):
            self._upgrade(tx)

    def _upgrade(self, tx: Connection) -> None:
        from netbot.store.upgrade import upgrade

        before = _revision(tx)
        if before == schema.HEAD:  # another process was faster
            return
        upgrade(tx, before, self._keep)
        triggers.create_all(tx)
        if before is None:
            tx.execute(insert(schema.meta).values(name="sphere", value=self.sphere))
        strays = tx.exec_driver_sql("PRAGMA foreign_key_check").all()
        if strays:
            raise Damaged(
                mark(
                    "{place} cannot be upgraded: {count} rows, the first in {table}, lead nowhere; "
                    "nothing was changed, put back a backup"
                ),
                place=self._place,
                count=len(strays),
                table=strays[0][0],
            )

    def _keep(self, revision: str) -> None:
        """A copy of the file before it becomes another; nobody can write to it meanwhile."""
        file = Path(self._place)
        copies.copy(file, file.parent / copies.FOLDER / f"before-upgrade-{revision}.db")


@contextmanager
def _unchecked(connection: Connection) -> Iterator[None]:
    """Foreign keys wait until all stands again: a table that is rebuilt is gone for a moment.

    SQLite hears of it outside of transactions only (sqlite.org/lang_altertable.html).
    """
    raw: Any = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _folder_of(engine: Engine) -> Path | None:
    database = engine.url.database
    return Path(database).parent if database else None


def _revision(tx: Connection) -> str | None:
    if not tx.dialect.has_table(tx, "alembic_version"):
        return None
    revision: str | None = tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return revision

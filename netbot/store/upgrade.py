"""Bringing a database to the newest schema: the one module that imports alembic."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, column, insert, table

from netbot.model import StoreError
from netbot.store import connecting, schema
from netbot.text import mark

#: Where alembic notes how far a database has come.
_VERSION = table("alembic_version", column("version_num"))


def config(connection: Connection) -> Config:
    """Alembic's settings for our own migrations, on that connection."""
    settings = Config()
    folder = Path(__file__).parent / "migrations"
    settings.set_main_option("script_location", str(folder).replace("%", "%%"))
    settings.set_main_option("path_separator", "newline")
    settings.attributes["connection"] = connection
    return settings


def upgrade(connection: Connection, revision: str | None, keep: Callable[[str], None]) -> None:
    """Run the steps that follow ``revision`` in the caller's transaction; None: all of them.

    ``keep`` is called before the first one when there is something to keep. Raises ``StoreError``
    for a database that a newer netbot wrote.
    """
    settings = config(connection)
    try:
        if revision is None:
            for statement in _all_at_once():
                connection.exec_driver_sql(statement)
            connection.execute(insert(_VERSION).values(version_num=schema.HEAD))
            return
        ScriptDirectory.from_config(settings).get_revision(revision)
        keep(revision)
        command.upgrade(settings, "head")
    except CommandError as error:
        raise StoreError(
            mark(
                "this database was written by a newer netbot: install that version, or restore "
                "an older backup ({error})"
            ),
            error=error,
        ) from error


@cache
def _all_at_once() -> tuple[str, ...]:
    """What all steps make of an empty database, as SQLite wrote it down when they were run once."""
    engine = connecting.create("sqlite://")
    made = (
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        " ORDER BY rowid"
    )
    with connecting.writing(engine) as tx:
        command.upgrade(config(tx), "head")
        statements = tuple(tx.exec_driver_sql(made).scalars())
    engine.dispose()
    return statements

"""Bringing a database to the newest schema: the one module that imports alembic."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from netbot.model import StoreError


def config(connection: Connection) -> Config:
    """Alembic's settings for our own migrations, on that connection."""
    settings = Config()
    folder = Path(__file__).parent / "migrations"
    settings.set_main_option("script_location", str(folder).replace("%", "%%"))
    settings.set_main_option("path_separator", "newline")
    settings.attributes["connection"] = connection
    return settings


def upgrade(connection: Connection, revision: str | None, keep: Callable[[str], None]) -> None:
    """Run the steps that follow ``revision`` in the caller's transaction.

    ``keep`` is called before the first one when there is something to keep. Raises ``StoreError``
    for a database that a newer netbot wrote.
    """
    settings = config(connection)
    try:
        if revision is not None:
            ScriptDirectory.from_config(settings).get_revision(revision)
            keep(revision)
        command.upgrade(settings, "head")
    except CommandError as error:
        raise StoreError(
            "this database was written by a newer netbot: install that version, "
            f"or restore an older backup ({error})"
        ) from error

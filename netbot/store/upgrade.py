"""Bringing a database to the newest schema: the one module that imports alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
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


def upgrade(connection: Connection) -> None:
    """Run the missing steps in the caller's transaction.

    Raises ``StoreError`` for a database that a newer netbot wrote.
    """
    try:
        command.upgrade(config(connection), "head")
    except CommandError as error:
        raise StoreError(
            "this database was written by a newer netbot: install that version, "
            f"or restore an older backup ({error})"
        ) from error

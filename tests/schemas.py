"""What a database of each released revision looks like, kept as text: ``python -m tests.schemas``.

What was released is never written again: the program adds the newest revision only.
"""

from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from netbot.store import Store, upgrade

FOLDER = Path(__file__).parent / "unit" / "schemas"


def revisions() -> list[str]:
    """Every revision, oldest first."""
    engine = create_engine("sqlite://")
    with engine.begin() as tx:
        script = ScriptDirectory.from_config(upgrade.config(tx))
        found = [each.revision for each in script.walk_revisions()]
    engine.dispose()
    return list(reversed(found))


def dump(tx: Connection, *kinds: str) -> str:
    """A database's shape as statements: its tables, indexes and triggers, or these kinds only."""
    listed = tx.exec_driver_sql(
        "SELECT type, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type = 'trigger', "
        "type DESC, name"
    )
    version = tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    shape = [sql for kind, sql in listed if not kinds or kind in kinds]
    rows = f"INSERT INTO alembic_version VALUES ('{version}')"
    return "".join(f"{statement};\n" for statement in (*shape, rows))


def made(revision: str) -> str:
    """Tables and indexes as the migrations of today make them, up to a revision."""
    engine = create_engine("sqlite://")
    with engine.begin() as tx:
        command.upgrade(upgrade.config(tx), revision)
        text = dump(tx, "table", "index")
    engine.dispose()
    return text


def kept(revision: str) -> str:
    """The whole shape as it was kept when that revision was released."""
    return (FOLDER / f"{revision}.sql").read_text(encoding="utf-8")


def main() -> None:
    """Keep the shape of the newest revision, if it is not kept yet."""
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"{revisions()[-1]}.sql"
    if not file.exists():
        with Store("sqlite://", "professional") as store, store.read() as tx:
            file.write_text(dump(tx), encoding="utf-8")


if __name__ == "__main__":
    main()

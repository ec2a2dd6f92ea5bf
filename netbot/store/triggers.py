"""What the database itself refuses. Triggers are the only statements written per dialect.

A batch rebuild by a migration drops a table's triggers, so ``Store`` puts all of them in place
after the last step, in the same transaction.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

APPEND_ONLY = ("decisions", "history", "receipts", "corrections")

#: Columns that never change once the row is written.
FROZEN = {
    "suggestions": (
        "client_id",
        "story_id",
        "verb",
        "target_url",
        "account_id",
        "network",
        "channel",
    ),
    "outbox": (
        "decision_id",
        "outcome",
        "suggestion_id",
        "client_id",
        "verb",
        "account_id",
        "network",
        "channel",
        "target_sha",
        "text_sha",
        "key",
    ),
}


def statements(dialect: str) -> Iterator[str]:
    """Every trigger as DDL for ``sqlite`` or ``postgresql``, each after the drop of its elder."""
    make = _postgresql if dialect == "postgresql" else _sqlite
    if dialect == "postgresql":
        yield (
            "CREATE OR REPLACE FUNCTION netbot_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only or frozen', TG_TABLE_NAME; END $$"
        )
    for table in APPEND_ONLY:
        yield from make(f"{table}_no_update", table, "UPDATE")
        yield from make(f"{table}_no_delete", table, "DELETE")
    for table, columns in FROZEN.items():
        yield from make(f"{table}_frozen", table, f"UPDATE OF {', '.join(columns)}")


def create_all(connection: Connection) -> None:
    """Put every trigger in place, replacing what is there."""
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def _sqlite(name: str, table: str, event: str) -> Iterator[str]:
    yield f"DROP TRIGGER IF EXISTS {name}"
    yield (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only or frozen'); END"
    )


def _postgresql(name: str, table: str, event: str) -> Iterator[str]:
    yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
    yield (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION netbot_refuse()"
    )

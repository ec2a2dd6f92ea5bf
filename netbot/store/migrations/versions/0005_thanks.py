"""What clients did for me: who is asked for it, what was heard, and the thank-yous that follow.

A thank-you needs no post, so that cards without one can be; and the same person may be thanked
again, so that its target is not taken for ever.
"""

import sqlalchemy as sa
from alembic import op

from netbot.store.columns import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_VERBS = ("'recommend', 'gesture')", "'recommend', 'gesture', 'thank')")
_NO_POST = ("post_id INTEGER NOT NULL", "post_id INTEGER")
_NO_STORY = ("story_id INTEGER NOT NULL", "story_id INTEGER")
_OPEN_THANKS = sa.text("verb = 'thank' AND state IN ('waiting', 'snoozed')")
_LIVE = sa.text("verb <> 'thank' AND state NOT IN ('failed', 'declined', 'withdrawn', 'undone')")


def upgrade() -> None:
    """Rebuild two tables whose checks change, and add two."""
    _rebuild("suggestions", _VERBS, _NO_POST, _NO_STORY)
    _create_index("uq_suggestions_open_thanks", "suggestions", ["client_id"], _OPEN_THANKS)
    op.drop_index("uq_outbox_live_target", "outbox")
    _rebuild("outbox", _VERBS)
    _create_index("uq_outbox_live_target", "outbox", ["target_sha", "verb"], _LIVE)
    _create_hearings()
    _create_engagements()


def _rebuild(table: str, *changes: tuple[str, str]) -> None:
    """Change a table's own statement and nothing else, whatever other revisions added to it.

    SQLite has no other way to change a check (sqlite.org/lang_altertable.html#otheralter).
    """
    listed = op.get_bind().exec_driver_sql(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL", (table,)
    )
    made = [(kind, sql) for kind, sql in listed if kind != "trigger"]
    [shape] = [sql for kind, sql in made if kind == "table"]
    for before, after in changes:
        shape = shape.replace(before, after)
    op.execute(sa.text(shape.replace(table, f"{table}_new", 1)))
    names = [column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)]
    old, new = (sa.table(name, *map(sa.column, names)) for name in (table, f"{table}_new"))
    op.execute(sa.insert(new).from_select(names, sa.select(old)))
    op.drop_table(table)
    op.rename_table(f"{table}_new", table)
    for sql in [sql for kind, sql in made if kind == "index"]:
        op.execute(sa.text(sql))


def _create_index(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def _create_hearings() -> None:
    op.create_table(
        "hearings",
        sa.Column("account_id", sa.String(80), nullable=False),
        sa.Column("platform_id", sa.String(200), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("next_at", Moment(), nullable=False),
        sa.Column("heard_at", Moment(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", Moment(), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_hearings"),
    )


def _create_engagements() -> None:
    op.create_table(
        "engagements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(80), nullable=False),
        sa.Column("ref", sa.String(500), nullable=False),
        sa.Column("touch_id", sa.Integer(), nullable=False),
        sa.Column("suggestion_id", sa.Integer(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("object_url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["touch_id"], ["touches.id"], name="fk_engagements_touch_id"),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestions.id"], name="fk_engagements_suggestion_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_engagements"),
        sa.UniqueConstraint("account_id", "ref", name="uq_engagements_account_id"),
    )
    op.create_index("ix_engagements_suggestion_id", "engagements", ["suggestion_id"])

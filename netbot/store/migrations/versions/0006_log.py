"""The log: through which face a decision came, and what was done about mistakes."""

import sqlalchemy as sa
from alembic import op

from netbot.store.columns import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column, a table, and the way from a client to what was decided."""
    op.add_column("decisions", sa.Column("face", sa.String(20), nullable=True))
    op.create_index("ix_suggestions_client_id", "suggestions", ["client_id"])
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text_sha", sa.String(64), nullable=False),
        sa.Column("face", sa.String(20), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('deleted', 'apologised', 'noted')", name="ck_corrections_kind_known"
        ),
        sa.ForeignKeyConstraint(["action_id"], ["outbox.id"], name="fk_corrections_action_id"),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
    )
    op.create_index("ix_corrections_action_id", "corrections", ["action_id"])

"""What sending needs: receipts, accounts, reading back; clients left in peace; opened dates."""

import sqlalchemy as sa
from alembic import op

from netbot.store.columns import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns to the outbox, where it stands, and four tables."""
    op.add_column("outbox", sa.Column("key", sa.String(32), server_default="", nullable=False))
    op.add_column("outbox", sa.Column("note_sha", sa.String(64), nullable=True))
    for name in ("take_back_at", "look_at", "seen_at"):
        op.add_column("outbox", sa.Column(name, Moment(), nullable=True))
    for name in ("looks", "cost_micros"):
        op.add_column("outbox", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    _create_receipts()
    _create_accounts()
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(80), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_holds"),
    )
    op.create_index("ix_holds_client_id", "holds", ["client_id"])
    op.create_table(
        "dates",
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("date", name="pk_dates"),
    )


def _create_receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("url_sha", sa.String(64), nullable=False),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["outbox.id"], name="fk_receipts_action_id"),
        sa.PrimaryKeyConstraint("id", name="pk_receipts"),
    )
    op.create_index("ix_receipts_action_id", "receipts", ["action_id"])


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("network", sa.String(40), nullable=False),
        sa.Column("platform_id", sa.String(200), nullable=True),
        sa.Column("handle", sa.Text(), server_default="", nullable=False),
        sa.Column("secret_mark", sa.String(64), server_default="", nullable=False),
        sa.Column("checked_at", Moment(), nullable=True),
        sa.Column("resting_until", Moment(), nullable=True),
        sa.Column("frozen_at", Moment(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
    )

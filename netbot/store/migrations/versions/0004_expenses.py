"""What accounts have paid besides their acts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one table."""
    op.create_table(
        "expenses",
        sa.Column("account_id", sa.String(80), nullable=False),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("micros", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "date", name="pk_expenses"),
    )

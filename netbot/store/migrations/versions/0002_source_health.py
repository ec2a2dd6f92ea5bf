"""What is known of a source's health, and posts that wait aside.

Columns are added where they stand: a rebuilt table would pull the rows away from under the
foreign keys that lead to it.
"""

import sqlalchemy as sa
from alembic import op

from netbot.store.columns import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns, and tell since when a source has failed as far as that can be known."""
    for name in ("failing_since", "paused_until", "moved_at", "quarantined_at"):
        op.add_column("sources", sa.Column(name, Moment(), nullable=True))
    op.add_column("sources", sa.Column("quiet", sa.JSON(), nullable=True))
    op.add_column("sources", sa.Column("place", sa.Text(), server_default="", nullable=False))
    op.execute(
        "ALTER TABLE sources ADD COLUMN merged_into INTEGER "
        "CONSTRAINT fk_sources_merged_into REFERENCES sources (id)"
    )
    op.add_column("posts", sa.Column("quarantined_at", Moment(), nullable=True))
    op.create_index("ix_posts_source_id", "posts", ["source_id"], unique=False)
    op.execute(
        "UPDATE sources SET failing_since = COALESCE(succeeded_at, tried_at) WHERE failures > 0"
    )

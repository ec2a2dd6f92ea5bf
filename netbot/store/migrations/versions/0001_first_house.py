"""The first schema: sources, posts, suggestions, decisions, outbox, touches."""

import sqlalchemy as sa
from alembic import op

from netbot.store.columns import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table; ``Store`` adds the triggers after the last step."""
    _create_ground()
    _create_reading()
    _create_suggestions()
    _create_decisions()
    _create_outbox()
    _create_history()
    _create_touches()


def _create_ground() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
    )
    op.create_table(
        "settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("house", sa.Text(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("loaded_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings")),
    )
    op.create_table(
        "texts",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "client_id", name=op.f("pk_texts")),
    )


def _create_reading() -> None:
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("network", sa.String(length=40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("cursor", sa.Text(), server_default="", nullable=False),
        sa.Column("next_check", Moment(), nullable=True),
        sa.Column("tried_at", Moment(), nullable=True),
        sa.Column("succeeded_at", Moment(), nullable=True),
        sa.Column("seeded_at", Moment(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("gone_at", Moment(), nullable=True),
        sa.Column("configured", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("client_id", "network", "address", name=op.f("uq_sources_client_id")),
    )
    op.create_index("ix_sources_next_check", "sources", ["next_check"], unique=False)
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=True),
        sa.Column("network", sa.String(length=40), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title_sha", sa.String(length=64), nullable=False),
        sa.Column("body_sha", sa.String(length=64), nullable=False),
        sa.Column("author", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.String(length=40), nullable=True),
        sa.Column("published_at", Moment(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("in_reply_to", sa.Text(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("links", sa.Integer(), nullable=False),
        sa.Column("media", sa.Integer(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("first_seen_at", Moment(), nullable=False),
        sa.Column("edited_at", Moment(), nullable=True),
        sa.Column("gone_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_posts_source_id")),
        sa.ForeignKeyConstraint(["story_id"], ["posts.id"], name=op.f("fk_posts_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
    )
    op.create_index("ix_posts_client_id", "posts", ["client_id", "first_seen_at"], unique=False)
    op.create_index("ix_posts_story_id", "posts", ["story_id"], unique=False)
    op.create_table(
        "post_keys",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_keys_post_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_post_keys_source_id")),
        sa.PrimaryKeyConstraint("source_id", "key", name=op.f("pk_post_keys")),
    )
    op.create_index("ix_post_keys_key", "post_keys", ["key"], unique=False)


def _create_suggestions() -> None:
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("target_url", sa.Text(), nullable=False),
        sa.Column("account_id", sa.String(length=80), nullable=True),
        sa.Column("network", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("alternatives", sa.JSON(), nullable=False),
        sa.Column("verdict_sha", sa.String(length=64), nullable=False),
        sa.Column("draft_sha", sa.String(length=64), nullable=False),
        sa.Column("score", sa.JSON(), nullable=False),
        sa.Column("total", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("snoozed_until", Moment(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('api', 'handoff', 'off')", name=op.f("ck_suggestions_channel_known")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'skipped', 'snoozed', 'expired', 'superseded')",
            name=op.f("ck_suggestions_state_known"),
        ),
        sa.CheckConstraint(
            "verb IN ('like', 'share', 'comment', 'recommend', 'gesture')",
            name=op.f("ck_suggestions_verb_known"),
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_suggestions_post_id")),
        sa.ForeignKeyConstraint(["story_id"], ["posts.id"], name=op.f("fk_suggestions_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
    )
    op.create_index(
        "ix_suggestions_waiting",
        "suggestions",
        ["total"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "uq_suggestions_open_story",
        "suggestions",
        ["story_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'snoozed')"),
        postgresql_where=sa.text("state IN ('waiting', 'snoozed')"),
    )


def _create_decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("suggestion_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=True),
        sa.Column("account_id", sa.String(length=80), nullable=True),
        sa.Column("platform_id", sa.String(length=200), nullable=True),
        sa.Column("network", sa.String(length=40), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=True),
        sa.Column("target_sha", sa.String(length=64), nullable=True),
        sa.Column("text_sha", sa.String(length=64), nullable=True),
        sa.Column("post_sha", sa.String(length=64), nullable=True),
        sa.Column("approval_hash", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("until", Moment(), nullable=True),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "outcome <> 'approved' OR approval_hash IS NOT NULL",
            name=op.f("ck_decisions_approval_bound"),
        ),
        sa.CheckConstraint(
            "outcome IN ('approved', 'skipped', 'snoozed', 'undone')",
            name=op.f("ck_decisions_outcome_known"),
        ),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestions.id"], name=op.f("fk_decisions_suggestion_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("id", "outcome", name="uq_decisions_outcome"),
    )
    op.create_index("ix_decisions_decided_at", "decisions", ["decided_at"], unique=False)
    op.create_index("ix_decisions_suggestion_id", "decisions", ["suggestion_id"], unique=False)


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), server_default="approved", nullable=False),
        sa.Column("suggestion_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=80), nullable=True),
        sa.Column("network", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("target_sha", sa.String(length=64), nullable=False),
        sa.Column("text_sha", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("not_before", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('api', 'handoff', 'off')", name=op.f("ck_outbox_channel_known")
        ),
        sa.CheckConstraint("outcome = 'approved'", name=op.f("ck_outbox_approved_only")),
        sa.CheckConstraint(
            "state IN ('pending', 'handed_off', 'confirmed', 'declined', 'withdrawn', 'sending', "
            "'sent', 'failed', 'unsure', 'undoing', 'undone', 'undo_unsure')",
            name=op.f("ck_outbox_state_known"),
        ),
        sa.CheckConstraint(
            "verb IN ('like', 'share', 'comment', 'recommend', 'gesture')",
            name=op.f("ck_outbox_verb_known"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_id", "outcome"],
            ["decisions.id", "decisions.outcome"],
            name="fk_outbox_approved_decision",
        ),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestions.id"], name=op.f("fk_outbox_suggestion_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_outbox_decision_id")),
    )
    op.create_index("ix_outbox_state", "outbox", ["state"], unique=False)
    op.create_index("ix_outbox_suggestion_id", "outbox", ["suggestion_id"], unique=False)
    op.create_index(
        "uq_outbox_live_target",
        "outbox",
        ["target_sha", "verb"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('failed', 'declined', 'withdrawn', 'undone')"),
        postgresql_where=sa.text("state NOT IN ('failed', 'declined', 'withdrawn', 'undone')"),
    )


def _create_history() -> None:
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["outbox.id"], name=op.f("fk_history_action_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_action_id", "history", ["action_id"], unique=False)


def _create_touches() -> None:
    op.create_table(
        "touches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("direction", sa.String(length=5), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("suggestion_id", sa.Integer(), nullable=True),
        sa.Column("text_sha", sa.String(length=64), nullable=False),
        sa.Column("undone_at", Moment(), nullable=True),
        sa.CheckConstraint("direction IN ('out', 'in')", name=op.f("ck_touches_direction_known")),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestions.id"], name=op.f("fk_touches_suggestion_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touches")),
    )
    op.create_index("ix_touches_client_id", "touches", ["client_id", "at"], unique=False)

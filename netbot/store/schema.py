"""The tables of one sphere. No table has a sphere column, so no row can belong to another.

Whatever a person could read lives in ``texts`` and may be deleted there; decisions, history and
outbox hold ids, hashes, verbs and times only.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from netbot.model import (
    CLOSED_ACTIONS,
    ActionState,
    Amends,
    Channel,
    Direction,
    Outcome,
    SuggestionState,
    Verb,
)
from netbot.store.columns import Moment, one_of

#: The newest revision in ``migrations/versions``.
HEAD = "0006"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

settings = Table(  # the last good configuration: fast commands read nothing else
    "settings",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="single"), primary_key=True),
    Column("house", Text, nullable=False),
    Column("files", JSON, nullable=False),
    Column("loaded_at", Moment, nullable=False),
)

texts = Table(
    "texts",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("client_id", String(80), primary_key=True),
    Column("body", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("client_id", String(80), nullable=False),
    Column("network", String(40), nullable=False),
    Column("address", Text, nullable=False),
    Column("title", Text, nullable=False, server_default=""),
    Column("cursor", Text, nullable=False, server_default=""),
    Column("next_check", Moment),  # NULL: never again (gone, or no longer configured)
    Column("tried_at", Moment),
    Column("succeeded_at", Moment),
    Column("seeded_at", Moment),  # when the first batch was taken in
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("last_error", Text, nullable=False, server_default=""),
    Column("gone_at", Moment),  # the server said so, for good
    Column("configured", Boolean, nullable=False, server_default=text("true")),
    Column("failing_since", Moment),  # the first of the failures in a row
    Column("paused_until", Moment),  # the host asked for a pause, for all that stands on it
    Column("quiet", JSON),  # hours and days of GMT on which the source wants no visit
    Column("place", Text, nullable=False, server_default=""),  # "" = at its address
    Column("moved_at", Moment),  # its address sends to ``place`` for good, known since
    Column("merged_into", ForeignKey("sources.id")),  # the same place is watched as that source
    Column("quarantined_at", Moment),  # posts were set aside until the human says what they are
    UniqueConstraint("client_id", "network", "address"),
    Index("ix_sources_next_check", "next_check"),
)

posts = Table(
    "posts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("client_id", String(80), nullable=False),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("story_id", ForeignKey("posts.id")),  # NULL only while the row is being born
    Column("network", String(40), nullable=False),
    Column("url", Text, nullable=False),
    Column("title_sha", String(64), nullable=False),
    Column("body_sha", String(64), nullable=False),
    Column("author", Text, nullable=False, server_default=""),
    Column("language", String(40)),
    Column("published_at", Moment),
    Column("kind", String(20), nullable=False),
    Column("in_reply_to", Text),
    Column("tags", JSON, nullable=False),
    Column("links", Integer, nullable=False),
    Column("media", Integer, nullable=False),
    Column("keys", JSON, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
    Column("edited_at", Moment),
    Column("gone_at", Moment),
    Column("quarantined_at", Moment),  # neither judged nor suggested yet
    Index("ix_posts_client_id", "client_id", "first_seen_at"),
    Index("ix_posts_source_id", "source_id"),
    Index("ix_posts_story_id", "story_id"),
)

post_keys = Table(
    "post_keys",
    metadata,
    Column("source_id", ForeignKey("sources.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("post_id", ForeignKey("posts.id"), nullable=False),
    Index("ix_post_keys_key", "key"),
)

OPEN_SUGGESTION = "state IN ('waiting', 'snoozed')"
OPEN_THANKS = f"verb = 'thank' AND {OPEN_SUGGESTION}"

suggestions = Table(
    "suggestions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("client_id", String(80), nullable=False),
    Column("story_id", ForeignKey("posts.id")),  # NULL: what the client did is no post of theirs
    Column("post_id", ForeignKey("posts.id")),
    Column("verb", String(20), nullable=False),
    Column("target_url", Text, nullable=False),
    Column("account_id", String(80)),
    Column("network", String(40), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("alternatives", JSON, nullable=False),
    Column("verdict_sha", String(64), nullable=False),
    Column("draft_sha", String(64), nullable=False),
    Column("score", JSON, nullable=False),
    Column("total", Float, nullable=False),
    Column("state", String(20), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("snoozed_until", Moment),
    one_of("verb", Verb),
    one_of("channel", Channel),
    one_of("state", SuggestionState),
    Index(
        "uq_suggestions_open_story",
        "story_id",
        unique=True,
        sqlite_where=text(OPEN_SUGGESTION),
        postgresql_where=text(OPEN_SUGGESTION),
    ),
    Index(
        "uq_suggestions_open_thanks",
        "client_id",
        unique=True,
        sqlite_where=text(OPEN_THANKS),
        postgresql_where=text(OPEN_THANKS),
    ),
    Index("ix_suggestions_client_id", "client_id"),
    Index(
        "ix_suggestions_waiting",
        "total",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)

decisions = Table(  # append-only
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("suggestion_id", ForeignKey("suggestions.id"), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("verb", String(20)),
    Column("account_id", String(80)),
    Column("platform_id", String(200)),
    Column("network", String(40)),
    Column("channel", String(20)),
    Column("target_sha", String(64)),
    Column("text_sha", String(64)),
    Column("post_sha", String(64)),
    Column("approval_hash", String(64)),
    Column("reason", String(20)),
    Column("until", Moment),
    Column("decided_at", Moment, nullable=False),
    Column("face", String(20)),  # where the human decided; NULL: not known
    one_of("outcome", Outcome),
    CheckConstraint("outcome <> 'approved' OR approval_hash IS NOT NULL", name="approval_bound"),
    UniqueConstraint("id", "outcome", name="uq_decisions_outcome"),
    Index("ix_decisions_suggestion_id", "suggestion_id"),
    Index("ix_decisions_decided_at", "decided_at"),
)

_CLOSED = ", ".join(f"'{state}'" for state in CLOSED_ACTIONS)
LIVE_ACTION = f"verb <> 'thank' AND state NOT IN ({_CLOSED})"  # one may thank again

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("decision_id", Integer, nullable=False, unique=True),
    Column("outcome", String(20), nullable=False, server_default="approved"),
    Column("suggestion_id", ForeignKey("suggestions.id"), nullable=False),
    Column("client_id", String(80), nullable=False),
    Column("verb", String(20), nullable=False),
    Column("account_id", String(80)),
    Column("network", String(40), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("target_sha", String(64), nullable=False),
    Column("text_sha", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("key", String(32), nullable=False, server_default=""),  # the same for "send again"
    Column("take_back_at", Moment),  # the human wants it undone since then
    Column("note_sha", String(64)),  # why it failed, waits, or nobody knows
    Column("looks", Integer, nullable=False, server_default="0"),  # how often it was read back
    Column("look_at", Moment),  # when to read back next; NULL: not again
    Column("seen_at", Moment),  # when it was last found on the network
    Column("cost_micros", Integer, nullable=False, server_default="0"),  # 1e-6 USD
    CheckConstraint("outcome = 'approved'", name="approved_only"),
    one_of("verb", Verb),
    one_of("channel", Channel),
    one_of("state", ActionState),
    ForeignKeyConstraint(
        ["decision_id", "outcome"],
        ["decisions.id", "decisions.outcome"],
        name="fk_outbox_approved_decision",
    ),
    Index(
        "uq_outbox_live_target",
        "target_sha",
        "verb",
        unique=True,
        sqlite_where=text(LIVE_ACTION),
        postgresql_where=text(LIVE_ACTION),
    ),
    Index("ix_outbox_suggestion_id", "suggestion_id"),
    Index("ix_outbox_state", "state"),
)

history = Table(  # append-only
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("action_id", ForeignKey("outbox.id"), nullable=False),
    Column("from_state", String(20)),
    Column("to_state", String(20), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_history_action_id", "action_id"),
)

corrections = Table(  # append-only: what the human did about an act that was a mistake
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("action_id", ForeignKey("outbox.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("text_sha", String(64), nullable=False),
    Column("face", String(20)),
    Column("at", Moment, nullable=False),
    one_of("kind", Amends),
    Index("ix_corrections_action_id", "action_id"),
)

receipts = Table(  # append-only: what an act left on its network
    "receipts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("action_id", ForeignKey("outbox.id"), nullable=False),
    Column("ref", Text, nullable=False),
    Column("url_sha", String(64), nullable=False),
    Column("found", Boolean, nullable=False),  # it stood there already, or was read back
    Column("at", Moment, nullable=False),
    Index("ix_receipts_action_id", "action_id"),
)

accounts = Table(  # what is known of my accounts besides their entry in the configuration
    "accounts",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("network", String(40), nullable=False),
    Column("platform_id", String(200)),  # pinned: whom the secret must be for
    Column("handle", Text, nullable=False, server_default=""),  # as the network wrote it then
    Column("secret_mark", String(64), nullable=False, server_default=""),  # changes with it
    Column("checked_at", Moment),  # when the network last said that it is still so
    Column("resting_until", Moment),  # no act before: the network asked for it
    Column("frozen_at", Moment),  # no act until a human has looked
    Column("note", Text, nullable=False, server_default=""),  # why it rests or is frozen
)

expenses = Table(  # what an account has paid besides its acts: for reading, for taking back
    "expenses",
    metadata,
    Column("account_id", String(80), primary_key=True),
    Column("date", String(10), primary_key=True),  # ISO, of UTC
    Column("micros", Integer, nullable=False),  # 1e-6 USD
)

holds = Table(  # clients to be left in peace; never why
    "holds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("client_id", String(80), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("ended_at", Moment),  # a human said that it was a false alarm, or enough
    Index("ix_holds_client_id", "client_id"),
)

dates = Table(  # local dates whose queue has been opened, each once
    "dates",
    metadata,
    Column("date", String(10), primary_key=True),  # ISO, in the house's time zone
    Column("opened_at", Moment, nullable=False),
)

touches = Table(
    "touches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("client_id", String(80), nullable=False),
    Column("at", Moment, nullable=False),
    Column("direction", String(5), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("suggestion_id", ForeignKey("suggestions.id")),
    Column("text_sha", String(64), nullable=False),
    Column("undone_at", Moment),
    one_of("direction", Direction),
    Index("ix_touches_client_id", "client_id", "at"),
)

hearings = Table(  # how asking went: what did others do with what this account published?
    "hearings",
    metadata,
    Column("account_id", String(80), primary_key=True),
    Column("platform_id", String(200), nullable=False),  # whom the account was pinned to then
    Column("since", Moment, nullable=False),  # first asked; nothing older is of interest
    Column("next_at", Moment, nullable=False),
    Column("heard_at", Moment),  # the last answer
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("failing_since", Moment),  # the first of the failures in a row
    Column("last_error", Text, nullable=False, server_default=""),
)

engagements = Table(  # what clients did; of strangers there is nothing here
    "engagements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", String(80), nullable=False),  # mine
    Column("ref", String(500), nullable=False),  # the network's own name of it
    Column("touch_id", ForeignKey("touches.id"), nullable=False),
    Column("suggestion_id", ForeignKey("suggestions.id")),  # the card that thanks for it
    Column("url", Text, nullable=False),  # where their words or they themselves can be seen
    Column("object_url", Text, nullable=False),  # my post that it is about; "" for none
    UniqueConstraint("account_id", "ref"),
    Index("ix_engagements_suggestion_id", "suggestion_id"),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("job", String(40), primary_key=True),
    Column("at", Moment, nullable=False),  # when the job last ended
    Column("ok", Boolean, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
)

CREATE TABLE accounts (
	id VARCHAR(80) NOT NULL, 
	network VARCHAR(40) NOT NULL, 
	platform_id VARCHAR(200), 
	handle TEXT DEFAULT '' NOT NULL, 
	secret_mark VARCHAR(64) DEFAULT '' NOT NULL, 
	checked_at VARCHAR(32), 
	resting_until VARCHAR(32), 
	frozen_at VARCHAR(32), 
	note TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (id)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE corrections (
	id INTEGER NOT NULL, 
	action_id INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	text_sha VARCHAR(64) NOT NULL, 
	face VARCHAR(20), 
	at VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_corrections PRIMARY KEY (id), 
	CONSTRAINT ck_corrections_kind_known CHECK (kind IN ('deleted', 'apologised', 'noted')), 
	CONSTRAINT fk_corrections_action_id FOREIGN KEY(action_id) REFERENCES outbox (id)
);
CREATE TABLE dates (
	date VARCHAR(10) NOT NULL, 
	opened_at VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_dates PRIMARY KEY (date)
);
CREATE TABLE decisions (
	id INTEGER NOT NULL, 
	suggestion_id INTEGER NOT NULL, 
	outcome VARCHAR(20) NOT NULL, 
	verb VARCHAR(20), 
	account_id VARCHAR(80), 
	platform_id VARCHAR(200), 
	network VARCHAR(40), 
	channel VARCHAR(20), 
	target_sha VARCHAR(64), 
	text_sha VARCHAR(64), 
	post_sha VARCHAR(64), 
	approval_hash VARCHAR(64), 
	reason VARCHAR(20), 
	until VARCHAR(32), 
	decided_at VARCHAR(32) NOT NULL, face VARCHAR(20), 
	CONSTRAINT pk_decisions PRIMARY KEY (id), 
	CONSTRAINT ck_decisions_approval_bound CHECK (outcome <> 'approved' OR approval_hash IS NOT NULL), 
	CONSTRAINT ck_decisions_outcome_known CHECK (outcome IN ('approved', 'skipped', 'snoozed', 'undone')), 
	CONSTRAINT fk_decisions_suggestion_id FOREIGN KEY(suggestion_id) REFERENCES suggestions (id), 
	CONSTRAINT uq_decisions_outcome UNIQUE (id, outcome)
);
CREATE TABLE engagements (
	id INTEGER NOT NULL, 
	account_id VARCHAR(80) NOT NULL, 
	ref VARCHAR(500) NOT NULL, 
	touch_id INTEGER NOT NULL, 
	suggestion_id INTEGER, 
	url TEXT NOT NULL, 
	object_url TEXT NOT NULL, 
	CONSTRAINT pk_engagements PRIMARY KEY (id), 
	CONSTRAINT fk_engagements_touch_id FOREIGN KEY(touch_id) REFERENCES touches (id), 
	CONSTRAINT fk_engagements_suggestion_id FOREIGN KEY(suggestion_id) REFERENCES suggestions (id), 
	CONSTRAINT uq_engagements_account_id UNIQUE (account_id, ref)
);
CREATE TABLE expenses (
	account_id VARCHAR(80) NOT NULL, 
	date VARCHAR(10) NOT NULL, 
	micros INTEGER NOT NULL, 
	CONSTRAINT pk_expenses PRIMARY KEY (account_id, date)
);
CREATE TABLE hearings (
	account_id VARCHAR(80) NOT NULL, 
	platform_id VARCHAR(200) NOT NULL, 
	since VARCHAR(32) NOT NULL, 
	next_at VARCHAR(32) NOT NULL, 
	heard_at VARCHAR(32), 
	failures INTEGER DEFAULT '0' NOT NULL, 
	failing_since VARCHAR(32), 
	last_error TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_hearings PRIMARY KEY (account_id)
);
CREATE TABLE heartbeats (
	job VARCHAR(40) NOT NULL, 
	at VARCHAR(32) NOT NULL, 
	ok BOOLEAN NOT NULL, 
	note TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_heartbeats PRIMARY KEY (job)
);
CREATE TABLE history (
	id INTEGER NOT NULL, 
	action_id INTEGER NOT NULL, 
	from_state VARCHAR(20), 
	to_state VARCHAR(20) NOT NULL, 
	at VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_history PRIMARY KEY (id), 
	CONSTRAINT fk_history_action_id FOREIGN KEY(action_id) REFERENCES outbox (id)
);
CREATE TABLE holds (
	id INTEGER NOT NULL, 
	client_id VARCHAR(80) NOT NULL, 
	since VARCHAR(32) NOT NULL, 
	until VARCHAR(32) NOT NULL, 
	ended_at VARCHAR(32), 
	CONSTRAINT pk_holds PRIMARY KEY (id)
);
CREATE TABLE meta (
	name VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_meta PRIMARY KEY (name)
);
CREATE TABLE "outbox" (
	id INTEGER NOT NULL, 
	decision_id INTEGER NOT NULL, 
	outcome VARCHAR(20) DEFAULT 'approved' NOT NULL, 
	suggestion_id INTEGER NOT NULL, 
	client_id VARCHAR(80) NOT NULL, 
	verb VARCHAR(20) NOT NULL, 
	account_id VARCHAR(80), 
	network VARCHAR(40) NOT NULL, 
	channel VARCHAR(20) NOT NULL, 
	target_sha VARCHAR(64) NOT NULL, 
	text_sha VARCHAR(64) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	not_before VARCHAR(32) NOT NULL, 
	expires_at VARCHAR(32) NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	changed_at VARCHAR(32) NOT NULL, "key" VARCHAR(32) DEFAULT '' NOT NULL, note_sha VARCHAR(64), take_back_at VARCHAR(32), look_at VARCHAR(32), seen_at VARCHAR(32), looks INTEGER DEFAULT '0' NOT NULL, cost_micros INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT ck_outbox_channel_known CHECK (channel IN ('api', 'handoff', 'off')), 
	CONSTRAINT ck_outbox_approved_only CHECK (outcome = 'approved'), 
	CONSTRAINT ck_outbox_state_known CHECK (state IN ('pending', 'handed_off', 'confirmed', 'declined', 'withdrawn', 'sending', 'sent', 'failed', 'unsure', 'undoing', 'undone', 'undo_unsure')), 
	CONSTRAINT ck_outbox_verb_known CHECK (verb IN ('like', 'share', 'comment', 'recommend', 'gesture', 'thank')), 
	CONSTRAINT fk_outbox_approved_decision FOREIGN KEY(decision_id, outcome) REFERENCES decisions (id, outcome), 
	CONSTRAINT fk_outbox_suggestion_id FOREIGN KEY(suggestion_id) REFERENCES suggestions (id), 
	CONSTRAINT uq_outbox_decision_id UNIQUE (decision_id)
);
CREATE TABLE post_keys (
	source_id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	post_id INTEGER NOT NULL, 
	CONSTRAINT pk_post_keys PRIMARY KEY (source_id, "key"), 
	CONSTRAINT fk_post_keys_post_id FOREIGN KEY(post_id) REFERENCES posts (id), 
	CONSTRAINT fk_post_keys_source_id FOREIGN KEY(source_id) REFERENCES sources (id)
);
CREATE TABLE posts (
	id INTEGER NOT NULL, 
	client_id VARCHAR(80) NOT NULL, 
	source_id INTEGER NOT NULL, 
	story_id INTEGER, 
	network VARCHAR(40) NOT NULL, 
	url TEXT NOT NULL, 
	title_sha VARCHAR(64) NOT NULL, 
	body_sha VARCHAR(64) NOT NULL, 
	author TEXT DEFAULT '' NOT NULL, 
	language VARCHAR(40), 
	published_at VARCHAR(32), 
	kind VARCHAR(20) NOT NULL, 
	in_reply_to TEXT, 
	tags JSON NOT NULL, 
	links INTEGER NOT NULL, 
	media INTEGER NOT NULL, 
	keys JSON NOT NULL, 
	first_seen_at VARCHAR(32) NOT NULL, 
	edited_at VARCHAR(32), 
	gone_at VARCHAR(32), quarantined_at VARCHAR(32), 
	CONSTRAINT pk_posts PRIMARY KEY (id), 
	CONSTRAINT fk_posts_source_id FOREIGN KEY(source_id) REFERENCES sources (id), 
	CONSTRAINT fk_posts_story_id FOREIGN KEY(story_id) REFERENCES posts (id)
);
CREATE TABLE receipts (
	id INTEGER NOT NULL, 
	action_id INTEGER NOT NULL, 
	ref TEXT NOT NULL, 
	url_sha VARCHAR(64) NOT NULL, 
	found BOOLEAN NOT NULL, 
	at VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_receipts PRIMARY KEY (id), 
	CONSTRAINT fk_receipts_action_id FOREIGN KEY(action_id) REFERENCES outbox (id)
);
CREATE TABLE settings (
	id INTEGER NOT NULL, 
	house TEXT NOT NULL, 
	files JSON NOT NULL, 
	loaded_at VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_settings PRIMARY KEY (id)
);
CREATE TABLE sources (
	id INTEGER NOT NULL, 
	client_id VARCHAR(80) NOT NULL, 
	network VARCHAR(40) NOT NULL, 
	address TEXT NOT NULL, 
	title TEXT DEFAULT '' NOT NULL, 
	cursor TEXT DEFAULT '' NOT NULL, 
	next_check VARCHAR(32), 
	tried_at VARCHAR(32), 
	succeeded_at VARCHAR(32), 
	seeded_at VARCHAR(32), 
	failures INTEGER DEFAULT '0' NOT NULL, 
	last_error TEXT DEFAULT '' NOT NULL, 
	gone_at VARCHAR(32), 
	configured BOOLEAN DEFAULT true NOT NULL, failing_since VARCHAR(32), paused_until VARCHAR(32), moved_at VARCHAR(32), quarantined_at VARCHAR(32), quiet JSON, place TEXT DEFAULT '' NOT NULL, merged_into INTEGER CONSTRAINT fk_sources_merged_into REFERENCES sources (id), 
	CONSTRAINT pk_sources PRIMARY KEY (id), 
	CONSTRAINT uq_sources_client_id UNIQUE (client_id, network, address)
);
CREATE TABLE "suggestions" (
	id INTEGER NOT NULL, 
	client_id VARCHAR(80) NOT NULL, 
	story_id INTEGER, 
	post_id INTEGER, 
	verb VARCHAR(20) NOT NULL, 
	target_url TEXT NOT NULL, 
	account_id VARCHAR(80), 
	network VARCHAR(40) NOT NULL, 
	channel VARCHAR(20) NOT NULL, 
	alternatives JSON NOT NULL, 
	verdict_sha VARCHAR(64) NOT NULL, 
	draft_sha VARCHAR(64) NOT NULL, 
	score JSON NOT NULL, 
	total FLOAT NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	expires_at VARCHAR(32) NOT NULL, 
	snoozed_until VARCHAR(32), 
	CONSTRAINT pk_suggestions PRIMARY KEY (id), 
	CONSTRAINT ck_suggestions_channel_known CHECK (channel IN ('api', 'handoff', 'off')), 
	CONSTRAINT ck_suggestions_state_known CHECK (state IN ('waiting', 'approved', 'skipped', 'snoozed', 'expired', 'superseded')), 
	CONSTRAINT ck_suggestions_verb_known CHECK (verb IN ('like', 'share', 'comment', 'recommend', 'gesture', 'thank')), 
	CONSTRAINT fk_suggestions_post_id FOREIGN KEY(post_id) REFERENCES posts (id), 
	CONSTRAINT fk_suggestions_story_id FOREIGN KEY(story_id) REFERENCES posts (id)
);
CREATE TABLE texts (
	sha256 VARCHAR(64) NOT NULL, 
	client_id VARCHAR(80) NOT NULL, 
	body TEXT NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_texts PRIMARY KEY (sha256, client_id)
);
CREATE TABLE touches (
	id INTEGER NOT NULL, 
	client_id VARCHAR(80) NOT NULL, 
	at VARCHAR(32) NOT NULL, 
	direction VARCHAR(5) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	suggestion_id INTEGER, 
	text_sha VARCHAR(64) NOT NULL, 
	undone_at VARCHAR(32), 
	CONSTRAINT pk_touches PRIMARY KEY (id), 
	CONSTRAINT ck_touches_direction_known CHECK (direction IN ('out', 'in')), 
	CONSTRAINT fk_touches_suggestion_id FOREIGN KEY(suggestion_id) REFERENCES suggestions (id)
);
CREATE INDEX ix_corrections_action_id ON corrections (action_id);
CREATE INDEX ix_decisions_decided_at ON decisions (decided_at);
CREATE INDEX ix_decisions_suggestion_id ON decisions (suggestion_id);
CREATE INDEX ix_engagements_suggestion_id ON engagements (suggestion_id);
CREATE INDEX ix_history_action_id ON history (action_id);
CREATE INDEX ix_holds_client_id ON holds (client_id);
CREATE INDEX ix_outbox_state ON outbox (state);
CREATE INDEX ix_outbox_suggestion_id ON outbox (suggestion_id);
CREATE INDEX ix_post_keys_key ON post_keys ("key");
CREATE INDEX ix_posts_client_id ON posts (client_id, first_seen_at);
CREATE INDEX ix_posts_source_id ON posts (source_id);
CREATE INDEX ix_posts_story_id ON posts (story_id);
CREATE INDEX ix_receipts_action_id ON receipts (action_id);
CREATE INDEX ix_sources_next_check ON sources (next_check);
CREATE INDEX ix_suggestions_client_id ON suggestions (client_id);
CREATE INDEX ix_suggestions_waiting ON suggestions (total) WHERE state = 'waiting';
CREATE INDEX ix_touches_client_id ON touches (client_id, at);
CREATE UNIQUE INDEX uq_outbox_live_target ON outbox (target_sha, verb) WHERE verb <> 'thank' AND state NOT IN ('failed', 'declined', 'withdrawn', 'undone');
CREATE UNIQUE INDEX uq_suggestions_open_story ON suggestions (story_id) WHERE state IN ('waiting', 'snoozed');
CREATE UNIQUE INDEX uq_suggestions_open_thanks ON suggestions (client_id) WHERE verb = 'thank' AND state IN ('waiting', 'snoozed');
CREATE TRIGGER corrections_no_delete BEFORE DELETE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections is append-only or frozen'); END;
CREATE TRIGGER corrections_no_update BEFORE UPDATE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections is append-only or frozen'); END;
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions is append-only or frozen'); END;
CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions is append-only or frozen'); END;
CREATE TRIGGER history_no_delete BEFORE DELETE ON history BEGIN SELECT RAISE(ABORT, 'history is append-only or frozen'); END;
CREATE TRIGGER history_no_update BEFORE UPDATE ON history BEGIN SELECT RAISE(ABORT, 'history is append-only or frozen'); END;
CREATE TRIGGER outbox_frozen BEFORE UPDATE OF decision_id, outcome, suggestion_id, client_id, verb, account_id, network, channel, target_sha, text_sha, key ON outbox BEGIN SELECT RAISE(ABORT, 'outbox is append-only or frozen'); END;
CREATE TRIGGER receipts_no_delete BEFORE DELETE ON receipts BEGIN SELECT RAISE(ABORT, 'receipts is append-only or frozen'); END;
CREATE TRIGGER receipts_no_update BEFORE UPDATE ON receipts BEGIN SELECT RAISE(ABORT, 'receipts is append-only or frozen'); END;
CREATE TRIGGER suggestions_frozen BEFORE UPDATE OF client_id, story_id, verb, target_url, account_id, network, channel ON suggestions BEGIN SELECT RAISE(ABORT, 'suggestions is append-only or frozen'); END;
INSERT INTO alembic_version VALUES ('0006');

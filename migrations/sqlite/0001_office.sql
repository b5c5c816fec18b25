-- Instants are UTC milliseconds; ids are UUIDv7 made by the program; money is kept as Twilio gives it.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE settings (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    value TEXT NOT NULL
) STRICT;

CREATE TABLE lines (
    id           BLOB PRIMARY KEY,
    number       TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    provider_sid TEXT UNIQUE,
    takes_texts  INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    used         INTEGER NOT NULL DEFAULT 1,
    before       TEXT
) STRICT;

CREATE TABLE contacts (
    seq        INTEGER PRIMARY KEY,
    id         BLOB NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    notes      TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE contact_tags (
    contact_id BLOB NOT NULL REFERENCES contacts (id),
    tag        TEXT NOT NULL,
    PRIMARY KEY (contact_id, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_numbers (
    number     TEXT PRIMARY KEY,
    contact_id BLOB NOT NULL REFERENCES contacts (id)
) STRICT;
CREATE INDEX contact_numbers_of ON contact_numbers (contact_id);

CREATE VIRTUAL TABLE name_search USING fts5 (
    name, content = 'contacts', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

CREATE TABLE conversations (
    id            BLOB PRIMARY KEY,
    line_id       BLOB NOT NULL REFERENCES lines (id),
    customer      TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    last_at       INTEGER NOT NULL,
    last_text     INTEGER,
    unread        INTEGER NOT NULL,
    waiting_since INTEGER,
    done_at       INTEGER,
    -- Since when nothing of it is deleted, whatever the settings say.
    held_at       INTEGER,
    UNIQUE (line_id, customer)
) STRICT;
-- A list each, in its order: any part of it is found by counting.
CREATE INDEX conversations_open ON conversations (last_at DESC, id DESC) WHERE done_at IS NULL;
CREATE INDEX conversations_done ON conversations (last_at DESC, id DESC) WHERE done_at IS NOT NULL;
CREATE INDEX conversations_waiting ON conversations (last_at DESC, id DESC)
    WHERE waiting_since IS NOT NULL AND done_at IS NULL;
CREATE INDEX conversations_unread ON conversations (id) WHERE unread > 0;
CREATE INDEX conversations_of_customer ON conversations (customer);

CREATE TABLE drafts (
    conversation_id BLOB PRIMARY KEY REFERENCES conversations (id),
    body            TEXT NOT NULL,
    at              INTEGER NOT NULL
) STRICT;

CREATE TABLE texts (
    seq             INTEGER PRIMARY KEY,
    id              BLOB NOT NULL UNIQUE,
    conversation_id BLOB NOT NULL REFERENCES conversations (id),
    direction       TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    body            TEXT NOT NULL,
    status          TEXT NOT NULL,
    rank            INTEGER NOT NULL,
    provider_sid    TEXT UNIQUE,
    error_code      INTEGER,
    refused         INTEGER NOT NULL DEFAULT 0,
    conflict        TEXT,
    recheck_at      INTEGER,
    segments        INTEGER,
    price           TEXT,
    price_unit      TEXT,
    at              INTEGER NOT NULL,
    source          TEXT NOT NULL,
    actor           TEXT,
    media_claimed   INTEGER NOT NULL DEFAULT 0,
    group_with      TEXT,
    resend_of       BLOB
) STRICT;
CREATE INDEX texts_in_conversation ON texts (conversation_id, at DESC, seq DESC);
CREATE INDEX texts_resent ON texts (resend_of) WHERE resend_of IS NOT NULL;
CREATE INDEX texts_to_recheck ON texts (recheck_at) WHERE recheck_at IS NOT NULL;

CREATE VIRTUAL TABLE text_search USING fts5 (
    body, content = 'texts', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

CREATE TABLE attachments (
    id            BLOB PRIMARY KEY,
    text_id       BLOB NOT NULL REFERENCES texts (id),
    position      INTEGER NOT NULL,
    url           TEXT,
    declared_type TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('wanted', 'fetching', 'kept', 'refused', 'gone')),
    content_type  TEXT,
    bytes         INTEGER,
    sha256        TEXT,
    tries         INTEGER NOT NULL,
    due_at        INTEGER,
    problem       TEXT,
    UNIQUE (text_id, position)
) STRICT;
CREATE INDEX attachments_due ON attachments (due_at) WHERE state = 'wanted';
CREATE INDEX attachments_file ON attachments (sha256) WHERE sha256 IS NOT NULL;

-- One-time links Twilio fetches our pictures from; only spent ones are remembered.
CREATE TABLE spent_links (
    link     TEXT PRIMARY KEY,
    spent_at INTEGER NOT NULL
) STRICT;

CREATE TABLE consents (
    customer TEXT PRIMARY KEY,
    state    TEXT NOT NULL,
    since    INTEGER NOT NULL
) STRICT;

CREATE TABLE consent_events (
    id       BLOB PRIMARY KEY,
    customer TEXT NOT NULL,
    event    TEXT NOT NULL,
    text_id  BLOB REFERENCES texts (id),
    actor    TEXT,
    at       INTEGER NOT NULL
) STRICT;
CREATE INDEX consent_events_of_customer ON consent_events (customer, at);
CREATE INDEX consent_events_of_text ON consent_events (text_id) WHERE text_id IS NOT NULL;

CREATE TABLE receipts (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    replay_key    BLOB NOT NULL UNIQUE,
    event         TEXT NOT NULL,
    detail        TEXT NOT NULL,
    received_at   INTEGER NOT NULL,
    payload       BLOB NOT NULL,
    answer_status INTEGER NOT NULL,
    answer_body   TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('applied', 'failed', 'quarantined')),
    problem       TEXT
) STRICT;
CREATE INDEX receipts_open ON receipts (seq) WHERE state <> 'applied';

-- Every delivery report, also the ones that came before we knew the text.
CREATE TABLE text_reports (
    provider_sid TEXT NOT NULL,
    status       TEXT NOT NULL,
    error_code   INTEGER NOT NULL,
    seen_at      INTEGER NOT NULL,
    PRIMARY KEY (provider_sid, status, error_code)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    seq             INTEGER PRIMARY KEY,
    text_id         BLOB NOT NULL UNIQUE REFERENCES texts (id),
    conversation_id BLOB NOT NULL REFERENCES conversations (id),
    state           TEXT NOT NULL
        CHECK (state IN ('queued', 'held', 'sending', 'unknown', 'settled', 'taken_back', 'not_found')),
    due_at          INTEGER NOT NULL,
    wanted_at       INTEGER NOT NULL,
    claimed_at      INTEGER,
    epoch           INTEGER,
    tries           INTEGER NOT NULL,
    looks           INTEGER NOT NULL,
    look_at         INTEGER
) STRICT;
CREATE INDEX outbox_queued ON outbox (due_at) WHERE state = 'queued';
CREATE INDEX outbox_open ON outbox (conversation_id, state, seq) WHERE state IN ('queued', 'sending', 'unknown');
CREATE INDEX outbox_to_look ON outbox (look_at) WHERE state = 'unknown';

-- What we tell ourselves between the texts; no customer sees it.
CREATE TABLE notes (
    id              BLOB PRIMARY KEY,
    conversation_id BLOB NOT NULL REFERENCES conversations (id),
    body            TEXT NOT NULL,
    actor           TEXT,
    at              INTEGER NOT NULL,
    removed_at      INTEGER
) STRICT;
CREATE INDEX notes_in_conversation ON notes (conversation_id, at);

CREATE TABLE changes (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    kind            TEXT NOT NULL,
    conversation_id BLOB,
    at              INTEGER NOT NULL
) STRICT;

-- One row for the caller, whatever phones were rung for it.
CREATE TABLE calls (
    id              BLOB PRIMARY KEY,
    conversation_id BLOB NOT NULL REFERENCES conversations (id),
    direction       TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    -- None while nobody knows whether Twilio took a call of ours.
    provider_sid    TEXT UNIQUE,
    status          TEXT NOT NULL,
    rank            INTEGER NOT NULL,
    ending          TEXT,
    missed          INTEGER NOT NULL DEFAULT 0,
    -- Seconds talked, or of the message.
    duration_s      INTEGER,
    -- The phone they talked with, or of ours that rings first.
    phone           TEXT,
    -- What was decided and said, as JSON.
    decision        TEXT,
    bridged         INTEGER,
    greeted         INTEGER NOT NULL DEFAULT 0,
    message_s       INTEGER,
    error_code      INTEGER,
    actor           TEXT,
    at              INTEGER NOT NULL,
    source          TEXT NOT NULL,
    recheck_at      INTEGER,
    rechecks        INTEGER NOT NULL DEFAULT 0,
    -- When it was decided what somebody who was missed is texted, and the text.
    cared_at        INTEGER,
    text_back       BLOB REFERENCES texts (id)
) STRICT;
CREATE INDEX calls_newest ON calls (at DESC, id DESC);
CREATE INDEX calls_missed ON calls (at DESC, id DESC) WHERE missed = 1;
CREATE INDEX calls_left ON calls (at DESC, id DESC) WHERE ending = 'voicemail';
CREATE INDEX calls_answered ON calls (at DESC, id DESC) WHERE ending = 'answered';
CREATE INDEX calls_out ON calls (at DESC, id DESC) WHERE direction = 'out';
CREATE INDEX calls_in_conversation ON calls (conversation_id, at DESC);
CREATE INDEX calls_to_recheck ON calls (recheck_at) WHERE recheck_at IS NOT NULL;
CREATE INDEX calls_text_back ON calls (text_back) WHERE text_back IS NOT NULL;
CREATE INDEX calls_to_care ON calls (at) WHERE missed = 1 AND cared_at IS NULL;

-- The phones that were rung for a call; they may be told of before it.
CREATE TABLE call_legs (
    seq          INTEGER PRIMARY KEY,
    provider_sid TEXT NOT NULL UNIQUE,
    parent_sid   TEXT NOT NULL,
    number       TEXT NOT NULL,
    status       TEXT NOT NULL,
    rank         INTEGER NOT NULL,
    screened     TEXT,
    duration_s   INTEGER,
    at           INTEGER NOT NULL
) STRICT;
CREATE INDEX call_legs_of ON call_legs (parent_sid);

-- Callers the owner wants nothing of.
CREATE TABLE blocked (
    customer TEXT PRIMARY KEY,
    actor    TEXT,
    at       INTEGER NOT NULL
) STRICT;

-- What Twilio recorded. The call it belongs to may be told of later.
CREATE TABLE recordings (
    id           BLOB PRIMARY KEY,
    provider_sid TEXT NOT NULL UNIQUE,
    call_sid     TEXT NOT NULL,
    -- Whether a document of ours asked for it as a message.
    tagged       INTEGER NOT NULL,
    source       TEXT NOT NULL,
    status       TEXT NOT NULL,
    duration_s   INTEGER,
    error_code   INTEGER,
    at           INTEGER NOT NULL,
    -- What the owner wanted done with a message when it came.
    engine       TEXT NOT NULL,
    emailed      INTEGER NOT NULL,
    state        TEXT NOT NULL
        CHECK (state IN ('wanted', 'fetching', 'kept', 'refused', 'gone', 'deleted')),
    content_type TEXT,
    bytes        INTEGER,
    sha256       TEXT,
    length_ms    INTEGER,
    -- 200 bytes, one for each part of the waveform.
    peaks        BLOB,
    silent       INTEGER NOT NULL DEFAULT 0,
    tries        INTEGER NOT NULL DEFAULT 0,
    due_at       INTEGER,
    problem      TEXT
) STRICT;
CREATE INDEX recordings_of_call ON recordings (call_sid);
CREATE INDEX recordings_due ON recordings (due_at) WHERE state = 'wanted';
CREATE INDEX recordings_file ON recordings (sha256) WHERE sha256 IS NOT NULL;

CREATE TABLE voicemails (
    seq          INTEGER PRIMARY KEY,
    id           BLOB NOT NULL UNIQUE,
    call_id      BLOB NOT NULL REFERENCES calls (id),
    -- None while only the call's end told of it.
    recording_id BLOB UNIQUE REFERENCES recordings (id),
    duration_s   INTEGER,
    heard_at     INTEGER,
    heard_by     TEXT,
    -- Where listening stopped.
    position_ms  INTEGER NOT NULL DEFAULT 0,
    at           INTEGER NOT NULL,
    removed_at   INTEGER
) STRICT;
CREATE INDEX voicemails_newest ON voicemails (at DESC, id DESC) WHERE removed_at IS NULL;
CREATE INDEX voicemails_unheard ON voicemails (at DESC, id DESC) WHERE heard_at IS NULL AND removed_at IS NULL;
CREATE INDEX voicemails_removed ON voicemails (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX voicemails_of_call ON voicemails (call_id);

-- What was said in a recording; it may be told before the recording.
CREATE TABLE transcripts (
    recording_sid TEXT PRIMARY KEY,
    engine        TEXT NOT NULL,
    state         TEXT NOT NULL
        CHECK (state IN ('wanted', 'writing', 'text', 'no_speech', 'unavailable')),
    problem       TEXT,
    provider_sid  TEXT UNIQUE,
    said          TEXT,
    -- Each with its time, as JSON.
    words         TEXT,
    edited        TEXT,
    edited_by     TEXT,
    tries         INTEGER NOT NULL DEFAULT 0,
    due_at        INTEGER
) STRICT;
CREATE INDEX transcripts_due ON transcripts (due_at) WHERE due_at IS NOT NULL;

CREATE VIRTUAL TABLE transcript_search USING fts5 (
    words, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

-- Voicemails on their way to the owner by email.
CREATE TABLE letters (
    voicemail_id BLOB PRIMARY KEY REFERENCES voicemails (id),
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
    wanted_at    INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    tries        INTEGER NOT NULL,
    problem      TEXT
) STRICT;
CREATE INDEX letters_due ON letters (due_at) WHERE state = 'waiting';

-- What is to go at Twilio, too.
CREATE TABLE deletions (
    provider_sid TEXT PRIMARY KEY,
    due_at       INTEGER NOT NULL,
    tries        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX deletions_due ON deletions (due_at);

-- What is deleted is not left readable in the index.
INSERT INTO text_search (text_search, rank) VALUES ('secure-delete', 1);
INSERT INTO transcript_search (transcript_search, rank) VALUES ('secure-delete', 1);

-- How something reached us: 'live', as Twilio told of it; 'missed' or 'asleep', fetched later; 'history', of
-- before the line was ours.
ALTER TABLE texts ADD COLUMN arrival TEXT NOT NULL DEFAULT 'live'
    CHECK (arrival IN ('live', 'missed', 'asleep', 'history'));
CREATE INDEX texts_asleep ON texts (at) WHERE arrival = 'asleep';
CREATE INDEX texts_history ON texts (at) WHERE arrival = 'history';
ALTER TABLE calls ADD COLUMN arrival TEXT NOT NULL DEFAULT 'live'
    CHECK (arrival IN ('live', 'missed', 'asleep', 'history'));
CREATE INDEX calls_asleep ON calls (at) WHERE arrival = 'asleep';
CREATE INDEX calls_history ON calls (at) WHERE arrival = 'history';

-- How much of a line is here: nothing is missing between back_to and complete_to.
CREATE TABLE cursors (
    number      TEXT PRIMARY KEY,
    -- When it was first listed; what is older is of before Ringdesk.
    began_at    INTEGER NOT NULL,
    complete_to INTEGER NOT NULL,
    back_to     INTEGER NOT NULL
) STRICT;

INSERT INTO cursors (number, began_at, complete_to, back_to)
SELECT l.number, m.value, m.value, m.value FROM lines l
JOIN meta m ON m.key = coalesce((SELECT own.key FROM meta own WHERE own.key = 'complete_to ' || l.number), 'complete_to')
WHERE l.used = 1;
INSERT INTO meta (key, value) SELECT 'awake_at', max(complete_to) FROM cursors HAVING count(*) > 0;
DELETE FROM meta WHERE key = 'complete_to' OR key LIKE 'complete_to +%';

-- When the computer was asleep or off.
CREATE TABLE absences (
    began_at INTEGER PRIMARY KEY,
    ended_at INTEGER NOT NULL,
    -- Whether all that came meanwhile is here, and whether somebody has seen what it was.
    complete INTEGER NOT NULL DEFAULT 0,
    seen     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What should have come by itself and was fetched, and when it was made.
CREATE TABLE repairs (
    provider_sid TEXT PRIMARY KEY,
    at           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX repairs_at ON repairs (at);

-- How far our clock was ahead of Twilio's when a text was claimed, in milliseconds, where that was known.
ALTER TABLE outbox ADD COLUMN ahead_ms INTEGER;

-- Twilio's ids of what was deleted with its customer: whatever is told of it late does not bring it back.
CREATE TABLE erased (
    provider_sid TEXT PRIMARY KEY,
    erased_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Names that are deleted are not left readable in the index.
INSERT INTO name_search (name_search, rank) VALUES ('secure-delete', 1);

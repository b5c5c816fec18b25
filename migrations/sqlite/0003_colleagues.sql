-- Who works here: names a conversation can be assigned to.
CREATE TABLE colleagues (
    id       BLOB PRIMARY KEY,
    name     TEXT NOT NULL,
    -- The name in small letters: nobody is in the list twice.
    folded   TEXT NOT NULL UNIQUE,
    added_at INTEGER NOT NULL
) STRICT;

-- Who sees to it, if anybody does.
ALTER TABLE conversations ADD COLUMN assigned_to BLOB REFERENCES colleagues (id);
-- No list needs it: it finds what is somebody's when they go.
CREATE INDEX conversations_assigned ON conversations (assigned_to) WHERE assigned_to IS NOT NULL;

-- What the last checkpoint consists of.
CREATE TABLE IF NOT EXISTS manifest (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    format INTEGER NOT NULL,
    position INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    verification INTEGER NOT NULL,
    state BLOB NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;

-- Its runs, files and tables, in order.
CREATE TABLE IF NOT EXISTS part (
    place INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    path TEXT NOT NULL,
    number INTEGER NOT NULL,
    length INTEGER NOT NULL,
    count INTEGER NOT NULL,
    low INTEGER NOT NULL,
    high INTEGER NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;

-- What this checkpoint changed in the verification database, so that it can be done again there.
CREATE TABLE IF NOT EXISTS verification_redo (
    place INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    value BLOB
) STRICT;

-- Documents of one kind; `checksum` is the CRC32C of table, key and value.
CREATE TABLE IF NOT EXISTS {table} (
    key BLOB PRIMARY KEY,
    value BLOB NOT NULL,
    checksum INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- One process owns the file; a rollback journal leaves all of it in one place after a commit.
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = TRUNCATE;
PRAGMA synchronous = FULL;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -32768;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;

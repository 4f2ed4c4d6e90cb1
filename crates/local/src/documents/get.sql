SELECT value, checksum FROM {table} WHERE key = ?1;

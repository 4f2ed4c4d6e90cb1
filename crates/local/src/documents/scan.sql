SELECT key, value, checksum FROM {table} WHERE key >= ?1 ORDER BY key;

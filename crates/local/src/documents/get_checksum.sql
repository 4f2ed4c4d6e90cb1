SELECT checksum FROM {table} WHERE key = ?1;

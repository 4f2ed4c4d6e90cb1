INSERT INTO {table} (key, value, checksum) VALUES (?1, ?2, ?3)
ON CONFLICT (key) DO UPDATE SET value = ?2, checksum = ?3;

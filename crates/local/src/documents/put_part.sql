INSERT INTO part (place, kind, path, number, length, count, low, high, checksum)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);

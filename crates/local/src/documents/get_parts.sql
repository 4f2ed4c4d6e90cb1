SELECT kind, path, number, length, count, low, high, checksum FROM part ORDER BY place;

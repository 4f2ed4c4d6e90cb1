insert into key_runs (number, low, checksum, keys) values ($1, $2, $3, $4)

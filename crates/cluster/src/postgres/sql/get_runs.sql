select number, low, checksum, keys from key_runs where number > $1 order by number limit $2

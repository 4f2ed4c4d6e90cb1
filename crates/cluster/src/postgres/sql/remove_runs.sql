delete from key_runs where number = any($1)

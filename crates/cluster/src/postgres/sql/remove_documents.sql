delete from {documents} as old using unnest($1::smallint[], $2::bytea[]) as gone (kind, key)
where old.kind = gone.kind and old.key = gone.key

insert into partial_tiles (path, bytes) select * from unnest($1::text[], $2::bytea[])

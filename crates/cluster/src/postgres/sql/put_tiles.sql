insert into tiles (path, bytes) select * from unnest($1::text[], $2::bytea[])
on conflict (path) do update set bytes = excluded.bytes

insert into {documents} (kind, key, value)
select * from unnest($1::smallint[], $2::bytea[], $3::bytea[])
on conflict (kind, key) do update set value = excluded.value

select id, path, asset from accounts where id > $1 order by id limit $2

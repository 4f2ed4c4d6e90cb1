select count(*) from {documents} where kind = $1 and key = any($2)

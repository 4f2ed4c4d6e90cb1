select count(*) from {documents} where kind = $1

select value from {documents} where kind = $1 and key = $2

insert into steps (number, checksum) values ($1, $2)

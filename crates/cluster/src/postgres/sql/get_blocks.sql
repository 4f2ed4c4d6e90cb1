select after, checksum, bytes from blocks where after > $1 order by after limit $2

update shard set position = $1, state = $2 where epoch = $3 and position = $4

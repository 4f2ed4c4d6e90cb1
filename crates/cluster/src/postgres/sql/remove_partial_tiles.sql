delete from partial_tiles

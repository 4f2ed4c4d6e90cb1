select bytes from tiles where path = $1
union all
select bytes from partial_tiles where path = $1
limit 1

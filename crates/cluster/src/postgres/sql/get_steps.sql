select number, checksum from steps order by number

create table if not exists steps (
    number integer primary key,
    checksum bigint not null
)

-- One row: who owns the shard, and what its last checkpoint made durable.
create table shard (
    one boolean primary key default true check (one),
    format integer not null,
    epoch bigint not null,
    position bigint not null,
    state bytea not null
);
insert into shard (format, epoch, position, state) values (1, 0, 0, '');

create table accounts (
    id bigint primary key,
    path text not null,
    asset text not null
);

-- In order of buckets, as they are asked for. An i128 is a numeric of 39 digits.
create table totals (
    bucket integer not null,
    account bigint not null,
    debit numeric(39, 0) not null,
    credit numeric(39, 0) not null,
    count bigint not null,
    primary key (bucket, account)
);

-- One row a batch. Blocks are dense as they are: pressing them would cost time and save little.
create table blocks (
    after bigint primary key,
    checksum bigint not null,
    bytes bytea not null
);
alter table blocks alter column bytes set storage external;

-- Sorted runs of (hash u64, position less low u32), 12 bytes a key.
create table key_runs (
    number bigint primary key,
    low bigint not null,
    checksum bigint not null,
    keys bytea not null
);
alter table key_runs alter column keys set storage external;

create table tiles (
    path text collate "C" primary key,
    bytes bytea not null
);
alter table tiles alter column bytes set storage external;

-- Those of the last checkpoint.
create table partial_tiles (
    path text collate "C" primary key,
    bytes bytea not null
);

create table documents (
    kind smallint not null,
    key bytea not null,
    value bytea not null,
    primary key (kind, key)
);

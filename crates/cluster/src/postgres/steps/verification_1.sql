-- Pages of the verification log, kept apart from what they verify.
create table documents (
    kind smallint not null,
    key bytea not null,
    value bytea not null,
    primary key (kind, key)
);

-- What has been applied. Everything runs on one connection, under one advisory lock.

-- name: lock
select pg_advisory_lock(hashtextextended('journeyman.migrate', 0))

-- name: unlock
select pg_advisory_unlock(hashtextextended('journeyman.migrate', 0))

-- name: server_version
select current_setting('server_version_num')::integer

-- name: create_table
create table if not exists schema_migration (
    number integer primary key,
    name text not null,
    sha256 text not null,
    recorded_at timestamptz not null default now()
)

-- name: applied
select number, name, sha256 from schema_migration order by number

-- name: record
insert into schema_migration (number, name, sha256) values ($1, $2, $3)

-- What the embedded Postgres needs for itself. As owner.

-- name: database_exists
select exists (select from pg_database where datname = $1)

-- name: create_database
create database journeyman

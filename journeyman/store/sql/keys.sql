-- Data keys of subjects, wrapped under the master key. A wrapped key is: version (1 byte), id of the master key (8 bytes),
-- nonce (12 bytes), ciphertext and tag.

-- name: read
-- `settled`: the row was written by a transaction that has ended for everybody. Only such a key may be cached: a key that our own
-- open transaction made may yet be rolled back, and what was sealed under a cached copy of it could never be opened.
select wrapped, age(xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid) as settled
from subject_key
where subject = $1

-- name: read_ahead
-- The same of several subjects.
select subject, wrapped, age(xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid) as settled
from subject_key
where subject = any($1::text[]) and wrapped is not null

-- name: create
insert into subject_key (subject, wrapped, created_at) values ($1, $2, $3) on conflict (subject) do nothing

-- name: destroy
-- A subject that never had a key gets a destroyed one, so that none can be made later.
insert into subject_key (subject, wrapped, created_at, destroyed_at) values ($1, null, $2, $2)
on conflict (subject) do update set wrapped = null, destroyed_at = excluded.destroyed_at
where subject_key.wrapped is not null

-- name: outdated
select subject, wrapped from subject_key
where wrapped is not null and substring(wrapped from 2 for 8) <> $1
order by subject
limit $2
for update skip locked

-- name: rewrap
update subject_key set wrapped = $2 where subject = $1

-- name: subject_of_journey
select customer_id from journey where id = $1

-- The live feed: what the ledger has that this process has not told yet.

-- name: newest
select coalesce(max(id), 0) from entry

-- name: writers
-- Who may hold an id that is not to be seen yet. Whoever inserts takes this lock before an id, and keeps it until others see the row.
select coalesce(array_agg(distinct virtualtransaction), '{}')
from pg_locks
where locktype = 'relation' and relation = 'entry'::regclass and mode = 'RowExclusiveLock'
    and database = (select oid from pg_database where datname = current_database())

-- name: entries
select id, journey_id, type, at, body, leaf_hash from entry where id > $1 and id <> all($2::bigint[]) order by id limit $3

-- name: tasks
-- The tasks that entries name, and the open ones of their journeys: who works on a journey, or is consulted, hears of it.
with found as (
    select id, journey_id, queue, assignee, offered_to, closed_at is null as open from task where id = any($1::text[])
    union
    select id, journey_id, queue, assignee, offered_to, true from task where journey_id = any($2::text[]) and closed_at is null)
select f.*, array(
    select n.to_person from task_comment n where n.task_id = f.id and n.to_person is not null and n.answered_at is null) as consulted
from found f

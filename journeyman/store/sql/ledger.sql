-- The ledger. The application inserts and reads; the integrator reads entries and inserts leaves and checkpoints; nobody
-- changes or deletes (the grants say so).

-- Recording: what one transaction, or one statement alone, writes at its end. `ledger.log` joins those of these CTEs that it has,
-- each with parameters of its own. All hang on `recorded`: no entry, no effect.

-- part: anyhow
unmoved as (select)

-- part: free
claimed as (select from unmoved)

-- part: recorded
-- All entries with their values. A leaf hash is one of its kind, so it tells which entry a value is of.
recorded as (
    insert into entry (journey_id, type, at, body, leaf_hash)
    select made.* from unnest($1::text[], $2::text[], $3::timestamptz[], $4::bytea[], $5::bytea[]) as made
    where exists (select from claimed)
    returning id, leaf_hash
), valued as (
    insert into entry_value (entry_id, name, subject, sealed)
    select recorded.id, v.name, v.subject, v.sealed
    from unnest($6::bytea[], $7::text[], $8::text[], $9::bytea[]) as v (leaf_hash, name, subject, sealed)
    join recorded on recorded.leaf_hash = v.leaf_hash
)

-- part: kept
-- What effects led to.
kept as (
    insert into effect (key, phase, journey_id, result, at)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::timestamptz[])
    where exists (select from recorded)
)

-- part: told
-- What a journey is told of it. Its row is held until the commit: that is what makes the numbers of its events gapless. A closed
-- journey is told nothing.
numbered as (
    update journey set next_event = next_event + 1
    where id = $1 and status = 'open' and exists (select from recorded)
    returning next_event - 1 as sequence
), told as (
    insert into outbox (journey_id, sequence, event_id, kind, reference, created_at)
    select $1, sequence, $2, $3, $4, $5 from numbered
)

-- part: projected
-- What a journey tells of itself: its stage, its run, its events up to $4, and who works on it.
projected as (
    update journey set stage = $2, run_id = coalesce(run_id, $3), performer = coalesce($6, performer)
    where id = $1 and exists (select from recorded)
        and (stage, run_id is null, performer) is distinct from ($2, false, coalesce($6, performer))
), settled as (
    update outbox set settled_at = $5
    where journey_id = $1 and sequence <= $4 and settled_at is null and exists (select from recorded)
)

-- part: looked
-- A page is open from now on: what a person was shown is recorded with that.
looked as (
    insert into look (id, task_id, journey_id, person_id, auth, position, began_at, seen_at)
    select $1, $2, $3, $4, $5, $6, $7, $7 where exists (select from recorded)
)

-- part: lax
-- The commit waits for no disk.
lax as materialized (select set_config('synchronous_commit', 'off', true))

-- name: become_integrator
-- One integrator at a time, until the transaction ends. Others do not wait: they have nothing to add.
select pg_try_advisory_xact_lock(hashtextextended('journeyman.ledger', 0))

-- name: newest_checkpoint
select size, root, frontier, note, at from checkpoint order by size desc limit 1

-- name: leaves_held
select coalesce(max(index) + 1, 0) from leaf

-- name: unintegrated
-- An anti-join, never a high-water mark: ids have gaps where transactions rolled back, and commit out of order.
select e.id, e.body, e.leaf_hash, e.recorded_at
from entry e
where e.id > $1 and not exists (select from leaf l where l.entry_id = e.id)
order by e.id
limit $2

-- name: newest_integrated
select coalesce(max(entry_id), 0) from leaf

-- name: add_leaves
insert into leaf (index, entry_id, leaf_hash)
select $1 + position - 1, entry_id, leaf_hash
from unnest($2::bigint[], $3::bytea[]) with ordinality as added (entry_id, leaf_hash, position)

-- name: add_mentions
-- Whom and which policies these entries name, and so which journeys do, for whoever searches. Nothing is proven by it.
with named as materialized (
    select distinct name, e.id, e.journey_id from entry e cross join lateral unnest(entry_mentions(e.body)) name
    where e.id = any($1::bigint[])
), told as (
    insert into mention (name, entry_id) select name, id from named on conflict do nothing
)
insert into journey_mention (name, opened_at, journey_id)
select distinct n.name, j.opened_at, j.id from named n join journey j on j.id = n.journey_id
on conflict do nothing

-- name: add_checkpoint
insert into checkpoint (size, root, frontier, note, at) values ($1, $2, $3, $4, $5)

-- name: checkpoint_note
select note from checkpoint where size = $1

-- name: waiting
select count(*) from entry e where not exists (select from leaf l where l.entry_id = e.id)

-- name: all_places
-- Leaves in their order, then entries without one; a leaf whose entry is gone still shows.
select l.index, l.entry_id, l.leaf_hash as integrated_hash,
    e.id, e.journey_id, e.type, e.at, e.recorded_at, e.body, e.leaf_hash
from leaf l full join entry e on e.id = l.entry_id
order by l.index nulls last, e.id

-- name: journey_places
select l.index, l.entry_id, l.leaf_hash as integrated_hash,
    e.id, e.journey_id, e.type, e.at, e.recorded_at, e.body, e.leaf_hash
from entry e left join leaf l on l.entry_id = e.id
where e.journey_id = $1
order by l.index nulls last, e.id

-- name: mentioning
-- The newest entries that name $1 (`person:ID`, ...), from before one of them on.
with found as materialized (
    select entry_id as id from mentioned where name = $1 and entry_id < coalesce($2::bigint, 9223372036854775807)
    order by entry_id desc limit $3
)
select l.index, l.entry_id, l.leaf_hash as integrated_hash,
    e.id, e.journey_id, e.type, e.at, e.recorded_at, e.body, e.leaf_hash
from entry e left join leaf l on l.entry_id = e.id
where e.id in (select id from found)
order by e.id desc

-- name: erasures
select l.index, l.entry_id, l.leaf_hash as integrated_hash,
    e.id, e.journey_id, e.type, e.at, e.recorded_at, e.body, e.leaf_hash
from entry e join leaf l on l.entry_id = e.id
where e.type = 'customer.erased'
order by l.index

-- name: all_values
select entry_id, name, subject, sealed from entry_value order by entry_id, name

-- name: journey_values
select v.entry_id, v.name, v.subject, v.sealed
from entry_value v join entry e on e.id = v.entry_id
where e.journey_id = $1
order by v.entry_id, v.name

-- name: checkpoints
select size, root, frontier, note, at from checkpoint order by size

-- name: leaf_hashes
select leaf_hash from leaf where index < $1 order by index

-- name: present
-- Of these leaf hashes, those that are of an entry.
select distinct encode(leaf_hash, 'hex') from entry where leaf_hash = any($1::bytea[])

-- Traces as people read them: windows of a journey's entries, single entries, and what stands behind them.

-- name: window
-- A journey's entries in the order of the ledger, those not yet integrated last: the places after $2 up to $3. `total` is of all.
with placed as (
    select e.id, l.index, l.leaf_hash as integrated_hash,
        row_number() over (order by l.index nulls last, e.id) as place, count(*) over () as total
    from entry e left join leaf l on l.entry_id = e.id
    where e.journey_id = $1
)
select p.place, p.total, p.index, p.integrated_hash, e.id, e.journey_id, e.type, e.at, e.recorded_at, e.body, e.leaf_hash
from placed p join entry e on e.id = p.id
where p.place > $2 and p.place <= $3
order by p.place

-- name: place
-- Where an entry of a journey stands in that order.
select place from (
    select e.id, row_number() over (order by l.index nulls last, e.id) as place
    from entry e left join leaf l on l.entry_id = e.id
    where e.journey_id = $1
) placed
where id = $2

-- name: total
select count(*) from entry where journey_id = $1

-- name: one
select l.index, l.leaf_hash as integrated_hash, e.id, e.journey_id, e.type, e.at, e.recorded_at, e.body, e.leaf_hash
from entry e left join leaf l on l.entry_id = e.id
where e.journey_id = $1 and e.id = $2

-- name: values_of
select entry_id, name, subject, sealed from entry_value where entry_id = any($1::bigint[]) order by entry_id, name

-- name: reading
-- Whether a journey's entries say, after a moment, that someone ($3, as a body has it) began a reading ($4).
select true from entry
where journey_id = $1 and type = 'trace.read' and at > $2 and position($3::bytea in body) > 0 and position($4::bytea in body) > 0
limit 1

-- name: looks
-- What a journey's entries say of looks at it and at its tasks: what was shown, and how long.
select id, at, type, body from entry
where journey_id = $1 and type in ('task.viewed', 'task.left', 'journey.viewed', 'journey.left') order by id

-- name: agent_version
select spec from agent_version where agent = $1 and hash = $2

-- name: publications
-- What was put in force of the policies, the newest first: before $2, until when, and in the place of what.
select * from (
    select id, hash, published_by, at, lead(at) over (order by id) as until, lag(hash) over (order by id) as before
    from publication where subject = 'policies'
) published
where $2::bigint is null or id < $2
order by id desc limit $1

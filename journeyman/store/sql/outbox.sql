-- name: enqueue
with numbered as (
    update journey set next_event = next_event + 1
    where id = $1 and status = 'open'
    returning next_event - 1 as sequence
)
insert into outbox (journey_id, sequence, event_id, kind, reference, created_at)
select $1, sequence, $2, $3, $4, $5 from numbered
returning sequence

-- name: enqueue_start
insert into outbox (journey_id, sequence, event_id, kind, reference, created_at)
values ($1, 0, $2, 'start', '', $3)

-- name: settle
update outbox set settled_at = $3
where journey_id = $1 and sequence <= $2 and settled_at is null

-- name: pending
-- What a journey has not settled: never sent, or sent long enough ago that the signal may be lost.
select o.journey_id, o.sequence, o.event_id, o.kind, o.reference, j.kind as journey_kind, j.version, j.customer_id, j.stage, j.input
from outbox o join journey j on j.id = o.journey_id
where o.settled_at is null and (o.sent_at is null or o.sent_at < $1)
    and ($2::text is null or o.journey_id = $2)
order by o.journey_id, o.sequence
limit $3

-- name: sent
update outbox set sent_at = $3, attempts = attempts + 1
where journey_id = $1 and sequence = any($2::bigint[])

-- name: enqueue_start
insert into outbox (journey_id, sequence, event_id, kind, reference, created_at)
values ($1, 0, $2, 'start', '', $3)

-- name: enqueue_end
with numbered as (
    update journey set next_event = next_event + 1 where id = $1 returning next_event - 1 as sequence
)
insert into outbox (journey_id, sequence, event_id, kind, reference, created_at)
select $1, sequence, $2, 'end', '', $3 from numbered

-- name: settle
update outbox set settled_at = $3
where journey_id = $1 and sequence <= $2 and settled_at is null

-- name: pending
-- What a journey has not settled: never tried, or long enough ago that the signal may be lost. The longest due goes first,
-- and what follows an event that could not be sent waits for it.
select o.journey_id, o.sequence, o.event_id, o.kind, o.reference, j.kind as journey_kind, j.version, j.customer_id, j.stage, j.input
from outbox o join journey j on j.id = o.journey_id
where o.settled_at is null and (o.again_at is null or o.again_at <= $1)
    and ($2::text is null or o.journey_id = $2)
    and not exists (
        select from outbox e
        where e.journey_id = o.journey_id and e.sequence < o.sequence and e.settled_at is null and e.sent_at is null
            and e.again_at > $1)
order by coalesce(o.again_at, o.created_at), o.journey_id, o.sequence
limit $3

-- name: tried
-- Each time that it is tried, twice as long passes until the next: 2^8 of the shortest pause is past any limit. This commit waits
-- for no disk: were it lost, the event would be sent once more, and its journey knows it already.
with waits_not as materialized (select set_config('synchronous_commit', 'off', true))
update outbox set
    attempts = attempts + 1, sent_at = case when $3 then $4 else sent_at end,
    again_at = $4::timestamptz + least($5::interval * power(2, least(attempts, 8)), $6::interval)
from waits_not
where journey_id = $1 and sequence = any($2::bigint[])

-- Histories of closed journeys.

-- name: due
-- The newest first: one that never ends in Temporal holds up no other.
select id from journey where status <> 'open' and archived_at is null and closed_at < $1 order by closed_at desc limit $2

-- name: keep
insert into archived_history (journey_id, run_id, history, archived_at) values ($1, $2, $3, $4)
on conflict (journey_id, run_id) do nothing

-- name: done
update journey set archived_at = $2 where id = $1

-- name: kept
select run_id, history from archived_history where journey_id = $1

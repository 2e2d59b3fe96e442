-- name: decisions
select body ->> 'type' as type, split_part(body ->> 'type', '.', 2) as action, body -> 'facts' ->> 'verdict' as verdict,
    array(select jsonb_array_elements_text(body -> 'policies')) as policies
from (select id, convert_from(body, 'UTF8')::jsonb as body from entry where journey_id = $1 and type like 'decision.%') e
order by id

-- name: handoffs
select direction, reason from handoff where journey_id = $1 order by created_at, id

-- name: entries
select type from entry where journey_id = $1 order by id

-- name: story
select type, body -> 'actor' ->> 'id' as actor, coalesce(body -> 'facts', '{}') as facts, coalesce(body -> 'refs', '{}') as refs,
    array(select jsonb_array_elements_text(coalesce(body -> 'policies', '[]'))) as policies
from (select id, type, convert_from(body, 'UTF8')::jsonb as body from entry where journey_id = $1) e
order by id

-- name: tasks
select id, kind, step, queue, state, assignee, reason from task order by created_at, id

-- name: linked
select id from journey where linked_from = $1 and kind = $2 order by opened_at desc limit 1

-- name: journeys
select id from journey

-- name: due
-- The next moment after $1 at which a clock of Postgres has something to do; $2 is how long someone may be offline.
select min(moment) from (
    select escalate_at as moment from task where state in ('ready', 'reserved', 'in_progress')
    union all select offer_expires_at from task where offered_to is not null
    union all select follow_up_date from task where state in ('created', 'suspended')
    union all select p.presence_at + $2::interval from person p join task t on t.assignee = p.id
        where p.presence = 'offline' and t.state = 'in_progress'
    union all select expires_at from secret_handle where sealed is not null
) clocks
where moment > $1

-- name: create_empty
create database "{name}"

-- name: create_from_template
create database "{name}" template "{template}" strategy file_copy

-- name: drop
drop database if exists "{name}" with (force)

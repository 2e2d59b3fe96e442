-- What whoever takes a task should know of how it came to them.

-- name: way
-- How a task came to people: the stages that its journey entered; and with $5 the decisions that brought it, of the effect $3 that
-- opened it, else of the last one before that denied.
with decided as (
    select id, at, convert_from(body, 'UTF8')::jsonb as body from entry
    where journey_id = $1 and type like 'decision.%' and at <= $4 and $5
), of_step as (
    select id, at, body, body -> 'refs' ->> 'effect' as effect, body -> 'facts' ->> 'verdict' as verdict
    from decided where body -> 'refs' ->> 'step' = $2
), opening as (
    select coalesce(
        (select effect from of_step where effect = $3 limit 1),
        (select effect from of_step where verdict = 'deny' order by id desc limit 1)) as effect
)
(select id, at, convert_from(body, 'UTF8')::jsonb -> 'refs' ->> 'stage' as stage,
    null::jsonb as body, null::bigint as entry_id, null as name, null as subject, null::bytea as sealed
from entry where journey_id = $1 and type = 'stage.entered' order by id limit 100)
union all
(select s.id, s.at, null, s.body, v.entry_id, v.name, v.subject, v.sealed
from of_step s join opening o on o.effect = s.effect
left join entry_value v on v.entry_id = s.id and v.name = 'facts'
order by s.id limit 20)

-- name: handoffs
select giver, receiver, direction, reason, created_at, told_at, accepted_at, packet from handoff
where journey_id = $1 order by created_at, id limit 50

-- name: names
select id, name from person where id = any($1::text[])

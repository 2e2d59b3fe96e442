-- What Postgres says, for a comparison with Temporal's histories. Each takes a journey or null for all, and a moment: what is
-- younger may still be on its way.

-- name: journeys
select id, status, opened_at, closed_at, archived_at, customer_id from journey
where ($1::text is null or id = $1) and opened_at < $2

-- name: intents
-- Tool calls that began, are on the ledger as begun, and have no outcome there.
with spoken as (
    select e.id, e.journey_id, e.type, e.at, convert_from(e.body, 'UTF8')::jsonb -> 'refs' ->> 'tool_call' as call
    from entry e
    where e.type in ('tool.intent', 'tool.outcome', 'tool.uncertain', 'tool.stopped')
        and ($1::text is null or e.journey_id = $1)
)
select distinct i.call, i.journey_id from spoken i
where i.type = 'tool.intent' and i.at < $2
    and not exists (select from spoken o where o.call = i.call and o.type <> 'tool.intent')
order by i.journey_id, i.call

-- name: unsettled
select journey_id, sequence, kind, attempts, sent_at is not null as sent from outbox
where settled_at is null and created_at < $2 and ($1::text is null or journey_id = $1)
order by journey_id, sequence

-- name: unsettled_tasks
-- Closed by a person in a way that sets something free, such as an approved call, and nothing says that it was. One that was
-- cancelled meanwhile need not. (What else became of tasks is an event that the journey settles.)
select t.id, t.journey_id, t.action from task_outcome t join journey j on j.id = t.journey_id
where t.sets_free and t.closed_at < $2 and ($1::text is null or t.journey_id = $1)
    and (j.status in ('open', 'completed'))
    and not exists (
        select from entry e
        where e.journey_id = t.journey_id and e.type = 'task.settled'
            and convert_from(e.body, 'UTF8')::jsonb -> 'refs' ->> 'task' = t.id)
order by t.journey_id, t.id

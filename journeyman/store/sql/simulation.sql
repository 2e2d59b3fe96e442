-- name: watch
-- How each journey stands, and the last thing that its customer was told or said.
select j.id, j.status, j.stage, j.outcome, j.performer,
    coalesce((select max(m.position) from message m
        where m.journey_id = j.id and m.audience = 'customer' and m.author_kind <> 'customer' and m.kind <> 'notice'), 0) as told
from journey j where j.id = any($1::text[])

-- name: open_tasks
-- What journeys wait for people for.
select t.id, t.journey_id, t.step, t.kind, t.state, t.queue, t.assignee, t.reason, t.follow_up_date
from task t
where t.journey_id = any($1::text[]) and t.state in ('created', 'ready', 'reserved', 'in_progress', 'suspended')
order by t.created_at

-- name: journeys
select id, kind, version, customer_id, status, outcome from journey where id = any($1::text[]) order by opened_at, id

-- name: tasks
select id, journey_id, step, kind, state, reason, action, disposition, draft_kind, effect, closed_at is not null as closed
from task where journey_id = any($1::text[]) order by created_at, id

-- name: handoffs
select direction, reason, count(*)::integer as count from handoff
where journey_id = any($1::text[]) group by direction, reason order by count(*) desc, reason

-- name: decisions
select count(*) filter (where verdict = 'allow')::integer as allow, count(*) filter (where verdict = 'deny')::integer as deny
from (
    select convert_from(body, 'UTF8')::jsonb -> 'facts' ->> 'verdict' as verdict
    from entry where journey_id = any($1::text[]) and type like 'decision.%') d

-- name: completed_alone
-- Steps that an AI agent completed and no person looked at.
select count(*)::integer from entry
where journey_id = any($1::text[]) and type = 'decision.complete'
    and convert_from(body, 'UTF8')::jsonb -> 'facts' @> '{"verdict": "allow", "collaboration": "autonomous"}'

-- name: unassisted
-- Effects by which a step went to people with no AI agent allowed to help.
select convert_from(body, 'UTF8')::jsonb -> 'refs' ->> 'effect' as effect from entry
where journey_id = any($1::text[]) and type in ('decision.perform', 'step.given')
    and convert_from(body, 'UTF8')::jsonb -> 'facts' ->> 'collaboration' = 'human'

-- name: tool_calls
select tool, status, count(*)::integer as count from tool_call
where journey_id = any($1::text[]) group by tool, status order by tool, status

-- name: tool_arguments
select t.journey_id, j.customer_id, t.tool, t.status, t.args, t.result from tool_call t join journey j on j.id = t.journey_id
where t.journey_id = any($1::text[]) order by t.created_at, t.id

-- name: bodies
select m.journey_id, j.customer_id, m.id, m.body from message m join journey j on j.id = m.journey_id
where m.journey_id = any($1::text[]) order by m.journey_id, m.position

-- name: task_contents
select t.journey_id, j.customer_id, t.id, t.input, t.draft, t.output, t.packet from task t join journey j on j.id = t.journey_id
where t.journey_id = any($1::text[])

-- name: task_comments
select t.journey_id, j.customer_id, c.author, c.body from task_comment c join task t on t.id = c.task_id join journey j on j.id = t.journey_id
where t.journey_id = any($1::text[])

-- name: effects
select e.journey_id, j.customer_id, e.key, e.result from effect e join journey j on j.id = e.journey_id
where e.journey_id = any($1::text[])

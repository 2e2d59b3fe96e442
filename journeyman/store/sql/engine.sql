-- name: effect
select phase, result from effect where key = $1

-- name: supersede_effect
insert into effect (key, phase, journey_id, result, at) values ($1, 'outcome', $2, $3, $4)
on conflict (key, phase) do nothing returning key

-- name: leaves_of_effect
select leaf_hash from entry
where journey_id = $1 and convert_from(body, 'UTF8')::jsonb -> 'refs' ->> 'effect' = $2
order by id

-- name: context
-- What one decision of a step is made on, as committed now. Who holds the journey's row holds it by a statement before this
-- one: had this one to wait for it, all but the row itself would be as it was before the wait.
select
    to_jsonb(j) - 'input' as journey,
    grounds(j.id, $2, $3) as grounds,
    (select jsonb_agg(jsonb_build_object(
        'id', m.id, 'position', m.position, 'author_kind', m.author_kind, 'author', m.author, 'audience', m.audience,
        'kind', m.kind, 'body', encode(m.body, 'base64'), 'signals', m.signals, 'at', m.at) order by m.position)
        from message m where m.journey_id = j.id) as messages,
    exists (select from effect e where e.key = $4 and e.phase = 'permit') as permitted
from journey j where j.id = $1

-- part: unmoved
-- Only if the journey still expects this event and this message, the grounds that this agent and queue were decided on are still
-- the same, and the effect is still permitted.
unmoved as materialized (
    select from journey j
    where j.id = $1 and j.next_event = $2 and j.next_message = $3 and grounds(j.id, $4, $5) = $6::jsonb
        and exists (select from effect e where e.key = $7 and e.phase = 'permit')
    for no key update
)

-- name: stopped
select exists (select from stop_flag s where s.scope in ('all', 'journey:' || $1, 'agent:' || $2))

-- name: add_tool_call
insert into tool_call (id, journey_id, step, agent, tool, mode, args, args_hash, status, result, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: tool_calls
select id, tool, args, status, result, created_at,
    task_id is not null and status in ('permitted', 'started', 'done') as approved
from tool_call
where journey_id = $1 and step = $2 order by created_at, id

-- name: lock_tool_call
-- With its journey, as everywhere: what is decided on it is read by a statement after this one.
select c.*, (select t.input from task t where t.id = c.task_id) as input
from journey j join tool_call c on c.journey_id = j.id
where c.id = $1 and j.id = $2 for no key update of j, c

-- name: start_tool_call
update tool_call set status = 'started' where id = $1

-- name: finish_tool_call
update tool_call set status = $2, result = $3 where id = $1

-- name: bind_approval
update tool_call set task_id = $2 where id = $1

-- name: set_stop
insert into stop_flag (scope, set_by, reason, at) values ($1, $2, $3, $4) on conflict (scope) do nothing returning scope

-- name: clear_stop
delete from stop_flag where scope = $1 returning scope

-- name: tell_refusal
update tool_call set result = $2 where id = $1 and status = 'refused' and result is null

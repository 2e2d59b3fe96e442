-- Tasks: reading, locking, saving. Lists select ids (by an index each); `read` turns ids into tasks.

-- name: read
select
    t.id, t.journey_id, j.kind as journey_kind, j.version as journey_version,
    j.customer_id, c.tier as customer_tier, j.simulated, t.effect, t.step, t.kind, t.title, t.instructions, t.reason,
    t.state, t.queue, t.candidate_groups, t.skills, t.excluded, t.assignee, t.priority, t.respond_by, t.due_date,
    t.follow_up_date, t.suspended_at, t.escalate_at, t.escalations, t.offered_to, t.offer_expires_at, t.refused_by,
    t.tool_call, t.draft_kind, t.dispositions, t.notice, t.action, t.disposition, t.revision, t.created_at,
    t.started_at, t.closed_at
from task t join journey j on j.id = t.journey_id join customer c on c.id = j.customer_id
where {which}

-- name: hold_journey
select id from journey where id = $1 for no key update

-- name: lock_free
-- For the clocks, which never wait for anyone: with its journey, as everywhere.
select t.id from task t join journey j on j.id = t.journey_id
where t.id = any($1::text[]) order by t.id for no key update of j, t skip locked

-- name: of_effect
select id from task where effect = $1

-- name: open_of_journey
select id from task
where journey_id = $1 and state in ('created', 'ready', 'reserved', 'in_progress', 'suspended')
order by id for no key update

-- name: journey
select status, customer_id from journey where id = $1

-- name: own_work
-- Who has told the AI agent of a step what to do, or put their own in its place; with those who stand in for them, and those
-- for whom they do.
with own as (
    select distinct assignee as id from task
    where journey_id = $1 and step = $2 and assignee is not null
        and action in ('return', 'reject', 'deny', 'edit', 'answer'))
select id from own
union select d from own join person p using (id), unnest(p.delegates) d
union select p.id from own join person p on own.id = any(p.delegates)

-- name: insert
insert into task (
    id, journey_id, effect, step, kind, title, instructions, reason, state, queue, candidate_groups, skills, excluded,
    priority, respond_by, due_date, follow_up_date, escalate_at, tool_call, draft_kind, dispositions, notice, input,
    draft, packet, created_at)
values (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
    $26)
on conflict (effect) do nothing
returning id

-- name: save
-- The revision is checked although the row is locked: a second writer of the same revision must be impossible.
with worked as (update person set worked_at = greatest(worked_at, $24) where id = $23)
update task set
    state = $3, queue = $4, candidate_groups = $5, assignee = $6, priority = $7, respond_by = $8, due_date = $9,
    follow_up_date = $10, suspended_at = $11, escalate_at = $12, escalations = $13, offered_to = $14,
    offer_expires_at = $15, refused_by = $16, action = $17, disposition = $18, started_at = $19, closed_at = $20,
    output = coalesce($21, output), packet = coalesce($22, packet), revision = $2 + 1,
    heard = case when $20::timestamptz is not null then (select max(position) from message m where m.journey_id = task.journey_id) end
where id = $1 and revision = $2
returning revision

-- name: contents
select input, draft, output, packet from task where id = $1

-- name: draft
select draft from task where id = $1

-- name: kept_words
select e.result, j.customer_id from task t
join effect e on e.key = t.effect and e.phase = 'say'
join journey j on j.id = t.journey_id
where t.id = $1

-- name: outcome
-- What became of it, with what the person said when they closed it.
select
    t.id, t.kind, t.state, t.action, t.disposition, t.assignee, t.tool_call, t.due_date, t.output, j.customer_id, (
        select c.body from task_comment c
        where c.task_id = t.id and c.author = t.assignee and c.at = t.closed_at order by c.id desc limit 1) as comment
from task t join journey j on j.id = t.journey_id where t.id = $1

-- name: comment
insert into task_comment (task_id, author, body, at) values ($1, $2, $3, $4)

-- name: comments
select author, body, at from task_comment where task_id = $1 order by id

-- name: performer
update journey set performer = $2 where id = $1

-- name: standing
-- Who asks, by which policies, about what: all that a decision on a task of `{journey}` needs beside the task. `told` changes
-- with whatever the journey is told.
select
    (select to_jsonb(s) from staff s where s.id = $3) as person,
    (select hash from publication where subject = 'policies' order by id desc limit 1) as bundle,
    c.tier, c.support_needs, c.consents, j.channel, j.language, j.notices, j.simulated,
    case when c.verified_until > $2 then c.verification else 'none' end as verification,
    (select count(*) from task t where t.journey_id = j.id and t.action in ('accept', 'edit', 'approve')) as approvals,
    j.next_event + j.next_message as told
from journey j join customer c on c.id = j.customer_id
where j.id = {journey}

-- name: held
-- A task, held with its journey, and the standing. `stale`: another had them meanwhile, and all that was read is of before.
with held as materialized (
    select t.revision + j.next_event + j.next_message as told
    from task t join journey j on j.id = t.journey_id
    where t.id = $1 for no key update of j, t
)
select to_jsonb(task) as task, standing.*, held.told > task.revision + standing.told as stale
from held, ({read}) task, lateral ({standing}) standing

-- name: decide_tool_call
-- Single use, and bound to the very arguments that the person saw.
update tool_call set status = $3, task_id = $4 where id = $1 and args_hash = $2 and status = 'proposed' returning id

-- name: tool_call
select status, args_hash from tool_call where id = $1

-- name: answered
select args, result, task_id is not null as approved from tool_call
where journey_id = $1 and step = $2 and status = 'done' and result is not null

-- name: open_handoff
insert into handoff (id, journey_id, step, giver, direction, reason, packet, task_id, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: accept_handoffs
update handoff set receiver = $2, accepted_at = $3
where task_id = $1 and journey_id = $4 and direction = 'to_person' and accepted_at is null
returning id

-- name: tell_handoff
update handoff set told_at = $2 where task_id = $1 and told_at is null returning id

-- name: accept_return
update handoff set receiver = $2, accepted_at = $3
where journey_id = $1 and direction = 'to_ai' and accepted_at is null
returning id

-- name: add_callback
insert into callback (id, journey_id, task_id, slot, created_at) values ($1, $2, $3, $4, $5)

-- name: close_callbacks
update callback set closed_at = $2 where task_id = $1 and closed_at is null

-- Lists -------------------------------------------------------------------------------------------------------------

-- name: waiting_for
-- The candidates for a person's next task: of each of their queues the most important and those due soonest.
select distinct t.id
from queue q cross join lateral (
    (select id from task where queue = q.id and state = 'ready' order by priority desc, created_at limit $2)
    union all
    (select id from task where queue = q.id and state = 'ready' order by coalesce(respond_by, created_at) limit $2)
) t
where q.teams && $1::text[]

-- name: offered_to
select id from task where offered_to = $1

-- name: held_by
select id from task where assignee = $1 and state in ('reserved', 'in_progress', 'suspended') order by created_at, id

-- name: of_journey
select id from task where journey_id = $1 order by created_at desc, id desc limit 500

-- name: search_open
select t.id
from queue q cross join lateral (
    select id, created_at from task
    where queue = q.id and state in ('created', 'ready', 'reserved', 'in_progress', 'suspended')
        and ($3::text is null or state = $3) and ($4::text is null or kind = $4) and ($5::text is null or step = $5)
        and ($6::text is null or assignee = $6)
        and ($7::timestamptz is null
            or case when started_at is null then least(respond_by, due_date) else due_date end < $7)
        and ($8::timestamptz is null or (created_at, id) < ($8, $9::text))
    order by created_at desc, id desc limit $10
) t
where ($1::text[] is null or q.teams && $1) and ($2::text is null or q.id = $2)
order by t.created_at desc, t.id desc
limit $10

-- name: search_closed
select t.id
from queue q cross join lateral (
    select id, created_at from task
    where queue = q.id and closed_at is not null
        and ($3::text is null or state = $3) and ($4::text is null or kind = $4) and ($5::text is null or step = $5)
        and ($6::text is null or assignee = $6)
        and ($7::timestamptz is null or (created_at, id) < ($7, $8::text))
    order by created_at desc, id desc limit $9
) t
where ($1::text[] is null or q.teams && $1) and ($2::text is null or q.id = $2)
order by t.created_at desc, t.id desc
limit $9

-- name: closed_by
-- What one person has closed, in the queues of some teams, the newest first.
select t.id from task t join queue q on q.id = t.queue
where t.assignee = $1 and t.closed_at is not null and ($2::text[] is null or q.teams && $2)
    and ($3::timestamptz is null or (t.created_at, t.id) < ($3, $4::text))
order by t.created_at desc, t.id desc
limit $5

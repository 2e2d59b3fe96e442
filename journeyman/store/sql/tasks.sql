-- Tasks: reading, locking, saving. Lists select ids (by an index each); `read` turns ids into tasks.

-- name: read
select * from task_row where id = any($1::text[])

-- name: lock
select t.id from task t join journey j on j.id = t.journey_id where t.id = $1 for no key update of j, t

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
select j.status, j.customer_id, j.churn, c.tier from journey j join customer c on c.id = j.customer_id where j.id = $1

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
    draft, packet, created_at, as_if_since)
values (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
    $26, $27)
on conflict (effect) do nothing
returning id

-- Saving a task: by itself in a transaction that holds it, or in the statement that records it.

-- part: by_itself
recorded as (select)

-- part: unmoved
-- Only if the task is as it was read, and its journey has been told nothing since.
unmoved as materialized (
    select from task t join journey j on j.id = t.journey_id
    where t.id = $1 and t.revision = $2 and j.next_event + j.next_message = $3
    for no key update of j, t
)

-- part: saved
-- The revision is checked although the row is locked: a second writer of the same revision must be impossible.
saved as (
    update task set
        state = $3, queue = $4, candidate_groups = $5, assignee = $6, priority = $7, respond_by = $8, due_date = $9,
        follow_up_date = $10, suspended_at = $11, escalate_at = $12, escalations = $13, offered_to = $14,
        offer_expires_at = $15, refused_by = $16, action = $17, disposition = $18, started_at = $19, closed_at = $20,
        as_if_since = $21, output = coalesce($22, output), packet = coalesce($23, packet), notice = $24, revision = $2 + 1,
        heard = case when $20::timestamptz is not null then (
            select max(position) from message m where m.journey_id = task.journey_id) end
    where id = $1 and revision = $2 and exists (select from recorded)
    returning id
)

-- part: performing
-- Who works on the journey now.
performing as (update journey set performer = $2 where id = $1 and exists (select from saved))

-- part: closed
-- Its callback ends with it. (What people typed for it and did not send is forgotten by the trigger `forget_drafts`.)
called as (update callback set closed_at = $2 where task_id = $1 and closed_at is null and exists (select from saved))

-- part: worked
-- Who took or finished work by it, and until when they wrap it up.
worked as (
    update person set
        worked_at = greatest(worked_at, $3),
        wrap_up_task = case when $4::timestamptz is null then wrap_up_task else $1 end,
        wrap_up_until = coalesce($4, wrap_up_until)
    where id = $2 and exists (select from saved)
)

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
select * from task_outcome where id = $1

-- name: take_up
-- What became of a task that was closed with a result, with a disposition or with neither. Its journey goes on with that and has
-- nothing to do beside it, so that what the journey has applied up to event $2 is settled here. This commit waits for no disk:
-- were it lost, the events would be sent once more.
with outcome as materialized (
    select * from task_outcome
    where id = $1 and closed_at is not null and not sets_free
), waits_not as materialized (
    select set_config('synchronous_commit', 'off', true) from outcome
), settled as (
    update outbox set settled_at = $3 from outcome, waits_not
    where outbox.journey_id = outcome.journey_id and sequence <= $2 and settled_at is null
)
select * from outcome

-- name: comment
insert into task_comment (task_id, author, body, at, to_person) values ($1, $2, $3, $4, $5)

-- name: answer
-- Whoever is asked about a task answers by a note: all that they were asked. Returns who asked.
update task_comment set answered_at = $3 where task_id = $1 and to_person = $2 and answered_at is null returning author

-- name: take_back
-- All that this colleague is asked about a task and has not answered is asked no more. Returns who asked.
update task_comment set answered_at = $3, taken_back = true where task_id = $1 and to_person = $2 and answered_at is null
returning author

-- name: comments
select author, to_person, body, at, answered_at, taken_back from task_comment where task_id = $1 order by id

-- name: performer
update journey set performer = $2 where id = $1

-- name: asker
-- Who asks, and by which policies.
select to_jsonb(p) as person, (select hash from publication where subject = 'policies' order by id desc limit 1) as bundle
from staff p where p.id = $1

-- name: standing
-- Who asks, by which policies, about what: all that a decision on a task of journey $1 needs beside the task.
select
    (select to_jsonb(p) from staff p where p.id = $3) as person,
    case when s.verified_until > $2 then s.verified else 'none' end as verification, s.*
from journey_standing s where s.id = $1

-- name: standings
-- The same of several journeys, for lists.
select case when s.verified_until > $2 then s.verified else 'none' end as verification, s.*
from journey_standing s where s.id = any($1::text[])

-- name: seen
-- A task, and the standing; with the time that its queue gives for wrapping up.
select
    to_jsonb(t) as task, (select wrap_up from queue q where q.id = t.queue) as wrap_up,
    (select to_jsonb(p) from staff p where p.id = $3) as person,
    case when s.verified_until > $2 then s.verified else 'none' end as verification, s.*
from task_row t join journey_standing s on s.id = t.journey_id
where t.id = $1

-- name: opened
-- The same, with what the task holds, what its tool call was asked with, its journey and its customer.
select
    to_jsonb(t) as task, (select to_jsonb(p) from staff p where p.id = $3) as person,
    case when s.verified_until > $2 then s.verified else 'none' end as verification, s.*,
    o.input, o.draft, o.output, o.packet, (select args_hash from tool_call where id = t.tool_call) as args_hash,
    to_jsonb(j) - 'input' as journey, to_jsonb(c) as customer
from task_row t join task o on o.id = t.id join journey j on j.id = t.journey_id join customer c on c.id = j.customer_id
join journey_standing s on s.id = t.journey_id
where t.id = $1

-- name: held
-- The same of a task that is held with its journey. `stale`: another had them meanwhile, and all that was read is of before.
with held as materialized (
    select t.revision + j.next_event + j.next_message as told
    from task t join journey j on j.id = t.journey_id
    where t.id = $1 for no key update of j, t
)
select
    to_jsonb(t) as task, (select wrap_up from queue q where q.id = t.queue) as wrap_up, held.told > t.revision + s.told as stale,
    (select to_jsonb(p) from staff p where p.id = $3) as person,
    case when s.verified_until > $2 then s.verified else 'none' end as verification, s.*
from held, task_row t join journey_standing s on s.id = t.journey_id
where t.id = $1

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
insert into callback (id, journey_id, task_id, slot, created_at, number) values ($1, $2, $3, $4, $5, $6)

-- Lists -------------------------------------------------------------------------------------------------------------

-- name: waiting_for
-- The candidates for a person's next task, in the queues of their teams: what is offered to them, what ranks first by all that does
-- not change with time, and what is due soonest. What cannot be theirs is left out, so that it hides nothing that can; in a `case`,
-- because Postgres would take it for rare and sort the whole queue.
with mine as (select id from queue where teams && $2::text[]), chosen as (
    (select id from task where offered_to = $1 and state = 'ready' limit $4)
    union
    (select t.id from mine cross join lateral (
        select id, as_if_since from task
        where queue = mine.id and state = 'ready' and offered_to is null
            and case when candidate_groups && $2 and skills <@ $3::text[] and not $1 = any(excluded) then true end
        order by as_if_since limit $4) t
    order by t.as_if_since limit $4)
    union
    (select t.id from mine cross join lateral (
        select id, case when started_at is null then coalesce(respond_by, due_date) else due_date end as deadline from task
        where queue = mine.id and state = 'ready' and offered_to is null
            and case when candidate_groups && $2 and skills <@ $3::text[] and not $1 = any(excluded) then true end
        order by case when started_at is null then coalesce(respond_by, due_date) else due_date end limit $4) t
    where t.deadline is not null order by t.deadline limit $4)
)
select
    t.id, t.candidate_groups, t.skills, t.excluded, t.offered_to, t.priority, t.escalations, c.tier as customer_tier, j.churn,
    t.created_at, t.started_at, t.respond_by, t.due_date
from task t join chosen using (id) join journey j on j.id = t.journey_id join customer c on c.id = j.customer_id

-- name: mine
-- What is offered to a person, which counts as older than all else, then what they hold. After the place of $2 and $3.
with mine as (
    select id, timestamptz 'epoch' as since from task where offered_to = $1
    union all
    select id, created_at from task
    where assignee = $1 and state in ('reserved', 'in_progress', 'suspended') and offered_to is distinct from $1
), page as (
    select * from mine where $2::timestamptz is null or (since, id) > ($2, $3::text) order by since, id limit $4
)
select r.* from task_row r join page using (id) order by page.since, r.id

-- name: of_journey
select id from task where journey_id = $1 order by created_at desc, id desc limit 500

-- name: of_customers
select t.id from task t join journey j on j.id = t.journey_id
where j.customer_id = any($1::text[]) and ($2 or t.closed_at is null)
order by t.created_at desc, t.id desc limit $3

-- name: search_open
select t.id
from queue q cross join lateral (
    select id, created_at from task
    where queue = q.id and state in ('created', 'ready', 'reserved', 'in_progress', 'suspended')
        and ($3::text is null or state = $3) and ($4::text is null or kind = $4) and ($5::text is null or step = $5)
        and ($6::timestamptz is null
            or case when started_at is null then least(respond_by, due_date) else due_date end < $6)
        and ($7::timestamptz is null or (created_at, id) < ($7, $8::text))
    order by created_at desc, id desc limit $9
) t
where ($1::text[] is null or q.teams && $1) and ($2::text is null or q.id = $2)
order by t.created_at desc, t.id desc
limit $9

-- name: search_all_open
-- The same in all queues.
select id from task
where state in ('created', 'ready', 'reserved', 'in_progress', 'suspended')
    and ($1::text is null or state = $1) and ($2::text is null or kind = $2) and ($3::text is null or step = $3)
    and ($4::timestamptz is null
        or case when started_at is null then least(respond_by, due_date) else due_date end < $4)
    and ($5::timestamptz is null or (created_at, id) < ($5, $6::text))
order by created_at desc, id desc
limit $7

-- name: open_by
-- What one person holds or has put on hold, in the queues of some teams, the newest first.
select t.id from task t join queue q on q.id = t.queue
where t.assignee = $6 and t.state in ('reserved', 'in_progress', 'suspended')
    and ($1::text[] is null or q.teams && $1) and ($2::text is null or q.id = $2)
    and ($3::text is null or t.state = $3) and ($4::text is null or t.kind = $4) and ($5::text is null or t.step = $5)
    and ($7::timestamptz is null
        or case when t.started_at is null then least(t.respond_by, t.due_date) else t.due_date end < $7)
    and ($8::timestamptz is null or (t.created_at, t.id) < ($8, $9::text))
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

-- name: free
-- Those of these tasks that wait, and that nobody changes at this moment.
select id from task where id = any($1::text[]) and state = 'ready' for update skip locked

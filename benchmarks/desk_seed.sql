-- Fills the database of the desk benchmark. Evenly drawn, by a fixed seed.

-- name: customers
insert into customer (id, language, tier, verification, verified_until, support_needs, consents, created_at)
select 'cus-' || n, (array['en', 'en', 'en', 'de', 'fr'])[1 + n % 5],
    case when n % 25 = 0 then 'vip' when n % 8 = 0 then 'premium' else 'standard' end,
    (array['none', 'basic', 'strong'])[1 + n % 3], $2::timestamptz + interval '1 hour',
    case when n % 30 = 0 then array['vulnerable'] else '{}' end,
    case when n % 3 = 0 then '{"recording": {"given": true}}'::jsonb else '{}' end, $2
from generate_series(1, $1) n

-- name: names
insert into customer_identifier (customer_id, kind, digest, sealed, created_at)
select customer, 'name', convert_to(customer, 'UTF8'), name, $1 from content

-- name: queues
insert into queue (id, title, teams, respond, complete)
select 'q-' || n, 'Queue ' || n, array['team-' || 1 + (n - 1) % $2], '10 minutes', '4 hours'
from generate_series(1, $1) n

-- name: people
insert into person (id, name, teams, roles, skills, capacity, presence)
select 'person-' || n, 'Person ' || repeat('x', n % 6),
    array['team-' || 1 + n % $2] || case when n % 3 = 0 then array['team-' || 1 + (n * 7) % $2] else '{}' end
        || case when n % 9 = 0 then array['team-' || 1 + (n * 11) % $2] else '{}' end,
    case when n % 20 = 0 then array['agent', 'supervisor'] when n % 99 = 0 then array['auditor'] else array['agent'] end,
    case n % 4 when 0 then '{}' when 1 then array['de'] when 2 then array['motor'] else array['de', 'motor'] end,
    1000, 'online'
from generate_series(1, $1) n

-- name: journeys
-- The first $3 are open.
insert into journey (
    id, kind, version, customer_id, owner, status, stage, channel, language, performer, notices, opened_at, closed_at, churn,
    next_event, next_message)
select 'jrn-' || n, case n % 3 when 0 then 'bank-service' else 'motor' end, 1, 'cus-' || 1 + n % $2, 'q-1',
    case when n <= $3 then 'open' else 'completed' end, 'settle', (array['chat', 'chat', 'email', 'voice'])[1 + n % 4],
    (array['en', 'en', 'en', 'de', 'fr'])[1 + n % 5], null,
    case when n % 2 = 0 then array['ai-disclosure@1', 'recording@1'] else array['ai-disclosure@1'] end,
    $4::timestamptz - interval '2 days' - random() * interval '700 days',
    case when n <= $3 then null else $4::timestamptz - interval '1 day' end,
    case when n % 20 = 0 then array['cancellation'] when n % 33 = 0 then array['falling'] else '{}' end, 5, 12
from generate_series(1, $1) n

-- name: tasks
-- The first $2 are open, each of an open journey; most wait. Some queues hold many times what others do.
insert into task (
    id, journey_id, effect, step, kind, title, instructions, reason, state, queue, candidate_groups, skills, excluded, assignee,
    priority, respond_by, due_date, escalate_at, offered_to, offer_expires_at, escalations, input, packet, dispositions, action,
    follow_up_date, suspended_at, created_at, started_at, closed_at, as_if_since)
select
    'task-' || md5(n::text), 'jrn-' || journey, 'run-' || n || ':1', step, kind, 'Look at the claim', 'Read what was reported, then settle.',
    (array['people_only', 'asked_for_person', 'not_permitted', 'distress'])[1 + n % 4], state, 'q-' || queue, array['team-' || team],
    skills, case when kind = 'review' and n % 4 = 0 then array[member] else '{}' end,
    case when state in ('reserved', 'in_progress', 'suspended', 'completed') then member end,
    priority, case when n % 10 < 7 then created + interval '10 minutes' end, created + interval '4 hours', $6::timestamptz + interval '1 day',
    case when state = 'ready' and n % 400 = 0 then member end, case when state = 'ready' and n % 400 = 0 then $6::timestamptz + interval '1 day' end,
    escalations, c.input, c.packet, '{"unreachable": "The customer could not be reached"}',
    case when state = 'completed' then (case kind when 'review' then 'accept' when 'approval' then 'approve' when 'question' then 'answer' else 'complete' end) end,
    case when state in ('suspended', 'created') then $6::timestamptz + interval '1 day' end,
    case when state = 'suspended' then $6::timestamptz - interval '1 hour' end,
    created, case when state in ('in_progress', 'suspended', 'completed') then created + interval '5 minutes' end,
    case when n > $2 then created + interval '30 minutes' end,
    created - interval '10 minutes' * (priority + 15 * escalations + 5 * cardinality(skills)
        + case when journey % 20 = 0 then 24 when journey % 33 = 0 then 12 else 0 end
        + case when (1 + journey % $4) % 25 = 0 then 20 when (1 + journey % $4) % 8 = 0 then 10 else 0 end)
from (
    -- someone of the team: team 3 has person-2, person-22, person-42, ...
    select *, 'person-' || team - 1 + 20 * floor(chance * ($5::int / 20 - 1))::int + case when team = 1 then 20 else 0 end as member
    from (select *, 1 + (queue - 1) % 20 as team from (
        select n, case when n <= $2 then n else 1 + (n * 7) % $3 end as journey,
            1 + floor(40 * power(random(), 2))::int as queue, random() as chance,
            (array['work', 'work', 'work', 'work', 'work', 'work', 'review', 'review', 'approval', 'question'])[1 + floor(10 * random())::int] as kind,
            ($7::text[])[1 + floor(6 * random())::int] as step,
            (array[50, 50, 50, 50, 50, 60, 70, 90, 40, 20])[1 + floor(10 * random())::int] as priority,
            case when random() < 0.2 then array[(array['de', 'motor'])[1 + floor(2 * random())::int]] else '{}' end as skills,
            case when random() < 0.1 then 1 else 0 end as escalations,
            case when n > $2 then (case when n % 50 = 0 then 'obsolete' else 'completed' end)
                else (array['reserved', 'in_progress', 'suspended', 'created'])[1 + n % 200] end as held,
            case when n > $2 then $6::timestamptz - interval '2 days' - random() * interval '700 days'
                else $6::timestamptz - power(random(), 3) * interval '2 days' end as created
        from generate_series(1, $1::int) n
    ) drawn) teamed
    cross join lateral (select coalesce(held, 'ready') as state) states
) placed
join content c on c.customer = 'cus-' || 1 + journey % $4

-- name: comments
insert into task_comment (task_id, author, body, at)
select t.id, 'person-1', c.input, t.created_at from task t join journey j on j.id = t.journey_id
join content c on c.customer = j.customer_id
where t.state in ('reserved', 'in_progress', 'suspended')

-- name: sessions
-- Of everyone; the secret of `person-1` is `session-of-person-1`.
insert into session (digest, person_id, auth, roles, created_at, seen_at, expires_at)
select sha256(convert_to('session-of-' || id, 'UTF8')), id, 'picker', roles, $1, $1, $1::timestamptz + interval '12 hours' from person

-- name: messages
-- Open journeys have six, others one.
insert into message (id, journey_id, position, author_kind, author, channel, language, body, signals, at)
select 'msg-' || n || '-' || place, 'jrn-' || n, place, (array['system', 'customer', 'ai'])[1 + place % 3],
    (array['system', 'cus-' || 1 + n % $2, 'assessor'])[1 + place % 3], 'chat', 'en', c.said, '{}', $4::timestamptz - interval '3 days'
from generate_series(1, $1::int) n join content c on c.customer = 'cus-' || 1 + n % $2
cross join generate_series(1, case when n <= $3 then 6 else 1 end) place

-- name: entries
-- Of an open journey: its stage, the decision that brought it to people, the opening of its task. Of others the stage.
insert into entry (journey_id, type, at, body, leaf_hash)
select journey, type, at, body, sha256('\x00'::bytea || body) from (
    select journey, type, at, convert_to(jsonb_build_object(
        'v', 1, 'id', 'ent-' || n || '-' || place, 'type', type, 'at', '2026-01-01T00:00:00.000Z', 'actor', jsonb_build_object(
            'kind', case place when 2 then 'ai' else 'system' end, 'id', case place when 2 then 'assessor' else 'engine' end, 'auth', ''),
        'subject', 'system', 'journey', journey, 'values', '{}'::jsonb,
        'policies', case place when 2 then '["ai-performs-what-it-may"]'::jsonb else '[]' end,
        'facts', case place when 2 then jsonb_build_object('verdict', 'deny', 'reason', 'people_only', 'bundle', $3::text) else '{}' end,
        'refs', case place when 1 then '{"stage": "settle"}'::jsonb
            else jsonb_build_object('effect', t.effect, 'step', t.step, 'task', t.id, 'queue', t.queue) end
        )::text, 'UTF8') as body
    from (
        select n, place, 'jrn-' || n as journey, (array['stage.entered', 'decision.perform', 'task.opened'])[place] as type,
            $4::timestamptz - interval '3 days' as at
        from generate_series(1, $1::int) n cross join generate_series(1, case when n <= $2 then 3 else 1 end) place
    ) placed
    left join task t on t.journey_id = journey and t.effect = 'run-' || n || ':1'
) made

-- name: facts
-- What the decisions were made on.
insert into entry_value (entry_id, name, subject, sealed)
select e.id, 'facts', j.customer_id, c.facts
from entry e join journey j on j.id = e.journey_id join content c on c.customer = j.customer_id
where e.type = 'decision.perform'

-- name: waiting
-- Some of what waits, evenly drawn: for looking at and for taking.
select * from task_row where state = 'ready' and offered_to is null and id < 'task-4'

-- name: put_back
-- A task that was taken, where it was, out of the measure.
update task set state = 'ready', assignee = null where id = $1

-- name: in_hand
select id, assignee from task where state = 'in_progress' and assignee is not null

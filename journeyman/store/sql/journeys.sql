-- name: open
insert into journey (id, kind, version, customer_id, owner, stage, channel, language, linked_from, reopens, simulated, input, opened_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (id) do nothing
returning *

-- name: hold
-- What is read by later statements is as nobody can change it until the end.
select id from journey where id = $1 for no key update

-- name: close
update journey set status = $2, outcome = $3, closed_at = $4, performer = null
where id = $1 and status = 'open'

-- name: read
select * from journey where id = $1

-- name: lock
select * from journey where id = $1 for update

-- name: newest_open
select * from journey where customer_id = $1 and status = 'open'
order by opened_at desc, id desc limit 1 for update

-- name: list
select * from journey
where ($1::text is null or kind = $1) and ($2::text is null or status = $2) and ($3::text is null or customer_id = $3)
order by opened_at desc, id desc limit $4

-- name: add_notice
update journey set notices = array_append(notices, $2) where id = $1

-- name: counts
select version, status, count(*) as journeys from journey where kind = $1 group by version, status order by version, status

-- name: search
-- By these, the newest first; $1 are the teams that have, or had, a task of it (null: whosever).
select j.*, array(select distinct unnest(t.candidate_groups) from task t where t.journey_id = j.id) as teams
from journey j
where ($1::text[] is null
        or (select true from task t where t.journey_id = j.id and t.candidate_groups && $1 limit 1)) -- row by row, not all at once
    and ($2::text is null or j.kind = $2) and ($3::text is null or j.status = $3) and ($4::text is null or j.stage = $4)
    and ($5::text is null or j.outcome = $5) and ($6::text is null or j.customer_id = $6)
    and ($7::text is null or j.id in (
        select journey_id from task where assignee = $7 and closed_at is not null
        union all
        select journey_id from task where assignee = $7 and state in ('reserved', 'in_progress', 'suspended')))
    and ($8::text is null or j.performer = 'ai:' || $8
        or exists (select from message m where m.journey_id = j.id and m.author_kind = 'ai' and m.author = $8))
    and ($9::timestamptz is null or j.opened_at >= $9) and ($10::timestamptz is null or j.opened_at < $10)
    and ($11::timestamptz is null or (j.opened_at, j.id) < ($11, $12::text))
order by j.opened_at desc, j.id desc
limit $13

-- name: search_traces
-- By what they are; open in some of the time from $5 to $6. $1 as in `search`.
select j.*, array(select distinct unnest(t.candidate_groups) from task t where t.journey_id = j.id) as teams
from journey j
where ($1::text[] is null
        or (select true from task t where t.journey_id = j.id and t.candidate_groups && $1 limit 1))
    and ($2::text is null or j.customer_id = $2) and ($3::text is null or j.kind = $3) and ($4::text is null or j.outcome = $4)
    and ($5::timestamptz is null or j.closed_at is null or j.closed_at >= $5)
    and ($6::timestamptz is null or j.opened_at < $6)
    and ($7::timestamptz is null or (j.opened_at, j.id) < ($7, $8::text))
order by j.opened_at desc, j.id desc
limit $9

-- name: search_named
-- The same, by what their entries name too: $10 (`policy:ID`, `person:ID`, `ai:NAME`), and all of $11. Those that are named by
-- $10 stand in the order that is asked for, so that no more of them are read than fit.
with unplaced as materialized (
    select distinct u.name, j.opened_at, j.id as journey_id from unplaced u join journey j on j.id = u.journey_id
    where u.name = $10 or u.name = any($11::text[])
)
select j.*, array(select distinct unnest(t.candidate_groups) from task t where t.journey_id = j.id) as teams
from (
    select name, opened_at, journey_id from journey_mention
    union all
    select name, opened_at, journey_id from unplaced u
    where not exists (select from journey_mention m where (m.name, m.opened_at, m.journey_id) = (u.name, u.opened_at, u.journey_id))
) named join journey j on j.id = named.journey_id
where named.name = $10 and named.opened_at < coalesce($6::timestamptz, 'infinity')
    and (named.opened_at, named.journey_id) < (coalesce($7::timestamptz, 'infinity'), coalesce($8::text, ''))
    and ($1::text[] is null
        or (select true from task t where t.journey_id = j.id and t.candidate_groups && $1 limit 1))
    and ($2::text is null or j.customer_id = $2) and ($3::text is null or j.kind = $3) and ($4::text is null or j.outcome = $4)
    and ($5::timestamptz is null or j.closed_at is null or j.closed_at >= $5)
    and not exists (
        select from unnest($11::text[]) other where coalesce( -- row by row, not all at once
            (select true from journey_mention m where m.name = other and m.opened_at = j.opened_at and m.journey_id = j.id limit 1),
            (select true from unplaced u where u.name = other and u.journey_id = j.id limit 1)) is null)
order by named.opened_at desc, named.journey_id desc
limit $9

-- name: standings
-- Open journeys of each kind by version and stage, and with whom they are: an AI agent, a queue, people, or nobody (a customer, a time).
select kind, version, stage, split_part(coalesce(performer, ''), ':', 1) as performer,
    case when performer like 'ai:%' or performer like 'queue:%' then split_part(performer, ':', 2) else '' end as name,
    count(*) as journeys
from journey where status = 'open'
group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5

-- name: ends
-- How journeys of each kind ended since a moment.
select kind, version, status, outcome, count(*) as journeys
from journey where closed_at >= $1 and status <> 'open'
group by kind, version, status, outcome order by kind, version, status, outcome

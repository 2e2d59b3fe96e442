-- Queues and their calendars.

-- name: read
select q.*, to_jsonb(c) as calendar_row from queue q left join calendar c on c.id = q.calendar
where q.id = any($1::text[])

-- name: everything
-- Of some teams; null: of all.
select q.*, to_jsonb(c) as calendar_row from queue q left join calendar c on c.id = q.calendar
where $1::text[] is null or q.teams && $1 order by q.id

-- name: titles
select id, title from queue

-- name: calendars
select id from calendar order by id

-- name: lock
-- Where a queue has a limit, openings of it count one after the other.
select id from queue where id = $1 for no key update

-- name: waiting
select count(*) from (select from task where queue = $1 and state = 'ready' limit $2) w

-- name: counts
-- Of each queue: how many wait, are in hand, are on hold; and since when the longest waits.
select q.id,
    (select count(*) from task t where t.queue = q.id and t.state = 'ready') as waiting,
    (select count(*) from task t where t.queue = q.id and t.state in ('reserved', 'in_progress')) as in_hand,
    (select count(*) from task t where t.queue = q.id and t.state in ('created', 'suspended')) as on_hold,
    (select min(t.created_at) from task t where t.queue = q.id and t.state = 'ready') as waiting_since
from queue q where q.teams && $1::text[] order by q.id

-- name: overview
-- Queues at a moment ($2), with the forecast of journeyman.tasks.queues, its pace taken from the time ($3) before.
with there as materialized (
    select teams, greatest(capacity - load, 0) as room from staff where presence = 'online' and capacity > 0
), staffed as (
    select q.id, count(p) as online, count(p) filter (where p.room > 0) as free, coalesce(sum(p.room), 0) as room
    from queue q left join there p on p.teams && q.teams where q.id = any($1::text[]) group by q.id
), begun as (
    select queue, count(*) as begun from task
    where queue = any($1::text[]) and started_at > $2::timestamptz - $3::interval and started_at <= $2 group by queue
), waiting as (
    select s.id as queue, w.* from staffed s left join begun b on b.queue = s.id cross join lateral (
        select count(*) as waiting, min(created_at) as oldest, count(*) filter (where priority >= 70) as high,
            count(*) filter (where priority between 30 and 69) as normal, count(*) filter (where priority < 30) as low,
            count(*) filter (where late) as late,
            count(*) filter (where respond_by >= $2 and started_at is null and not late and place > s.room and (
                b.begun is null or $2::timestamptz + (place - s.room)::float8 * ($3::interval / b.begun) > respond_by)
            ) as will_be_late
        from (
            select created_at, priority, respond_by, started_at,
                coalesce(case when started_at is null then least(respond_by, due_date) else due_date end < $2, false) as late,
                row_number() over (order by as_if_since) as place
            from task where queue = s.id and state = 'ready'
        ) line
    ) w
), states as (
    select queue, jsonb_object_agg(state, number) as states from (
        select queue, state, count(*) as number from task
        where queue = any($1::text[]) and state in ('created', 'reserved', 'in_progress', 'suspended')
        group by queue, state) each_state
    group by queue
)
select s.id, s.online, s.free, coalesce(b.begun, 0) as begun,
    coalesce(t.states, '{}') || jsonb_build_object('ready', w.waiting) as states, w.oldest,
    w.waiting, w.high, w.normal, w.low, w.late, w.will_be_late
from staffed s left join begun b on b.queue = s.id join waiting w on w.queue = s.id left join states t on t.queue = s.id

-- name: slots
-- The callback slots of a queue that are taken, from a moment on.
select c.slot, count(*) as taken
from callback c join task t on t.id = c.task_id
where t.queue = $1 and c.closed_at is null and c.slot >= $2
group by c.slot

-- name: callbacks
-- Open ones by slot, in the queues of these teams (null: all), from one after ($5, $6) on.
select c.id, c.task_id, c.slot
from callback c join task t on t.id = c.task_id join queue q on q.id = t.queue
where c.closed_at is null and ($1::text[] is null or q.teams && $1) and ($2::text is null or q.id = $2)
    and ($3::timestamptz is null or c.slot >= $3) and ($4::timestamptz is null or c.slot < $4)
    and ($5::timestamptz is null or (c.slot, c.id) > ($5, $6::text))
order by c.slot, c.id limit $7

-- name: callback
select id, slot, number from callback where task_id = $1 and closed_at is null order by created_at desc, id limit 1

-- name: move_callback
update callback set slot = $2, number = coalesce($3, number) where id = $1

-- name: end_callbacks
update callback set closed_at = $2 where task_id = $1 and closed_at is null

-- name: staff
select count(*) from person p join queue q on q.teams && p.teams where q.id = $1 and p.capacity > 0

-- name: put_calendar
insert into calendar (id, time_zone, hours, holidays, emergency) values ($1, $2, $3, $4, $5)
on conflict (id) do update set
    time_zone = excluded.time_zone, hours = excluded.hours, holidays = excluded.holidays, emergency = excluded.emergency
where (calendar.time_zone, calendar.hours, calendar.holidays, calendar.emergency)
    is distinct from (excluded.time_zone, excluded.hours, excluded.holidays, excluded.emergency)
returning id

-- name: put
insert into queue (id, title, teams, calendar, respond, complete, offer_for, push, max_waiting, fallback, fallback_queue,
    wrap_up)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (id) do update set
    title = excluded.title, teams = excluded.teams, calendar = excluded.calendar, respond = excluded.respond,
    complete = excluded.complete, offer_for = excluded.offer_for, push = excluded.push,
    max_waiting = excluded.max_waiting, fallback = excluded.fallback, fallback_queue = excluded.fallback_queue,
    wrap_up = excluded.wrap_up
where (queue.title, queue.teams, queue.calendar, queue.respond, queue.complete, queue.offer_for, queue.push,
        queue.max_waiting, queue.fallback, queue.fallback_queue, queue.wrap_up)
    is distinct from (excluded.title, excluded.teams, excluded.calendar, excluded.respond, excluded.complete,
        excluded.offer_for, excluded.push, excluded.max_waiting, excluded.fallback, excluded.fallback_queue,
        excluded.wrap_up)
returning id

-- Queues and their calendars.

-- name: read
select q.*, to_jsonb(c) as calendar_row from queue q left join calendar c on c.id = q.calendar
where q.id = any($1::text[])

-- name: everything
select q.*, to_jsonb(c) as calendar_row from queue q left join calendar c on c.id = q.calendar order by q.id

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

-- name: slots
-- The callback slots of a queue that are taken, from a moment on.
select c.slot, count(*) as taken
from callback c join task t on t.id = c.task_id
where t.queue = $1 and c.closed_at is null and c.slot >= $2
group by c.slot

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
insert into queue (id, title, teams, calendar, respond, complete, offer_for, push, max_waiting, fallback, fallback_queue)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (id) do update set
    title = excluded.title, teams = excluded.teams, calendar = excluded.calendar, respond = excluded.respond,
    complete = excluded.complete, offer_for = excluded.offer_for, push = excluded.push,
    max_waiting = excluded.max_waiting, fallback = excluded.fallback, fallback_queue = excluded.fallback_queue
where (queue.title, queue.teams, queue.calendar, queue.respond, queue.complete, queue.offer_for, queue.push,
        queue.max_waiting, queue.fallback, queue.fallback_queue)
    is distinct from (excluded.title, excluded.teams, excluded.calendar, excluded.respond, excluded.complete,
        excluded.offer_for, excluded.push, excluded.max_waiting, excluded.fallback, excluded.fallback_queue)
returning id

-- People: who they are, how much they hold, whether they are there.

-- name: lock
-- In the order of ids, after the task.
select id from person where id = any($1::text[]) order by id for no key update

-- name: lock_free
select id from person where id = any($1::text[]) order by id for no key update skip locked

-- name: read
select * from staff where id = any($1::text[]) order by id

-- name: everyone
select * from staff order by id

-- name: colleagues
-- Everyone of these teams (null: everyone), and oneself.
select * from staff where $1::text[] is null or teams && $1 or id = $2 order by id

-- name: holding
select assignee, id as task, journey_id as journey, title, kind, state, queue, coalesce(started_at, created_at) as since
from task where assignee = any($1::text[]) and state in ('reserved', 'in_progress', 'suspended')
order by assignee, created_at, id

-- name: free
-- Online, of a queue that has work to offer, and with capacity left; who has been idle longest comes first.
select p.id
from person p
where p.presence = 'online' and p.wrap_up_until is null
    and exists (
        select from queue q join task t on t.queue = q.id
        where q.push and q.teams && p.teams and t.state = 'ready' and t.offered_to is null)
    and p.capacity > (select count(*) from task t where t.assignee = p.id and t.state in ('reserved', 'in_progress'))
        + (select count(*) from task t where t.offered_to = p.id)
order by p.worked_at nulls first, p.id
limit $1

-- name: worked
update person set worked_at = greatest(worked_at, $2) where id = $1

-- name: wrapped_up
select id from person where wrap_up_until <= $1 order by wrap_up_until limit $2

-- name: end_wrap_ups
update person set wrap_up_task = null, wrap_up_until = null where id = any($1::text[])

-- name: set_presence
update person set presence = $2, presence_at = $3 where id = $1

-- name: set_capacity
update person set capacity = $2 where id = $1

-- name: set_skills
update person set skills = $2 where id = $1

-- name: put
insert into person (id, name, teams, roles, skills, delegates, capacity, simulated)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (id) do update set
    name = excluded.name, teams = excluded.teams, roles = excluded.roles, skills = excluded.skills,
    delegates = excluded.delegates, capacity = excluded.capacity, simulated = excluded.simulated
where (person.name, person.teams, person.roles, person.skills, person.delegates, person.capacity, person.simulated)
    is distinct from
    (excluded.name, excluded.teams, excluded.roles, excluded.skills, excluded.delegates, excluded.capacity,
        excluded.simulated)
returning id

-- name: unknown_delegates
select p.id, d as delegate from person p, unnest(p.delegates) d
where not exists (select from person o where o.id = d) order by p.id, d limit 1

-- Looks at tasks and at journeys: pages that are open.

-- name: of_person
-- Held: of two requests of a page, one ends or goes on at a time.
select l.id, l.task_id, l.person_id, l.auth, l.position, l.began_at, l.ended_at,
    coalesce(t.journey_id, l.journey_id) as journey_id, t.step, t.queue
from look l left join task t on t.id = l.task_id
where l.id = $1 and l.person_id = $2 for no key update of l

-- name: go_on
update look set seen_at = greatest(seen_at, $2), position = greatest(position, $3) where id = $1

-- name: begin_again
update look set began_at = $2, seen_at = $2, position = greatest(position, $3), ended_at = null
where id = $1 and ended_at < $2::timestamptz - interval '2 seconds'  -- else it was asked before the page was left
returning id

-- name: end
update look set ended_at = $2 where id = $1 and ended_at is null

-- name: lapsed
select l.id, l.task_id, l.person_id, l.auth, l.position, l.began_at, l.seen_at,
    coalesce(t.journey_id, l.journey_id) as journey_id, t.step, t.queue
from look l left join task t on t.id = l.task_id
where l.ended_at is null and l.seen_at < $1
order by l.seen_at limit $2 for no key update of l skip locked

-- name: forget
delete from look where ended_at is not null and seen_at < $1

-- name: others
select p.id, p.name, min(l.began_at) as since
from look l join person p on p.id = l.person_id
where l.task_id = $1 and l.person_id <> $2 and l.ended_at is null and l.seen_at > $3
group by p.id, p.name order by since, p.id

-- name: steps
-- What was done with a task since a revision, the oldest first.
select e.at, e.body -> 'actor' ->> 'kind' as kind, e.body -> 'actor' ->> 'id' as id, e.body -> 'facts' ->> 'action' as action
from (
    select id, at, convert_from(body, 'UTF8')::jsonb as body from entry where journey_id = $1 and type like 'task.%'
) e
where e.body -> 'refs' ->> 'task' = $2 and (e.body -> 'facts' ->> 'revision')::integer > $3
order by e.id limit 20

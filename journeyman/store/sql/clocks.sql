-- What the clocks look for. Each finds ids without locking; the sweep then locks those that nobody else has.

-- name: lapsed
-- Offers that ran out, and offers to someone who is not there any more.
select t.id from task t join person p on p.id = t.offered_to
where t.offered_to is not null and (t.offer_expires_at <= $1 or p.presence <> 'online')
order by t.offer_expires_at limit $2

-- name: offerable_soon
-- What could be offered to one person among the first that wait in each of their push queues: by index, whatever waits.
select t.id
from queue q cross join lateral (
    select * from task
    where queue = q.id and state = 'ready' and offered_to is null
    order by as_if_since limit 100
) t
where q.push and q.teams && $2::text[] and t.candidate_groups && $2 and t.skills <@ $3::text[]
    and not $1 = any(t.excluded) and not $1 = any(t.refused_by)
order by t.as_if_since limit $4

-- name: offerable
-- The same among all that waits, for when the first are for others.
select t.id
from queue q cross join lateral (
    select id from task
    where queue = q.id and state = 'ready' and offered_to is null and candidate_groups && $2::text[]
        and skills <@ $3::text[] and not $1 = any(excluded) and not $1 = any(refused_by)
    order by as_if_since limit $4
) t
where q.push and q.teams && $2::text[]

-- name: unanswered
-- Refused by everyone who is online and could take it.
select t.id from task t
where t.state = 'ready' and t.refused_by <> '{}' and t.offered_to is null
    and not exists (
        select from person p
        where p.presence = 'online' and p.teams && t.candidate_groups and p.skills @> t.skills
            and not p.id = any(t.excluded) and not p.id = any(t.refused_by))
order by t.id limit $1

-- name: unattended
-- Nobody has begun within the time promised, in a queue that calls back then; whom it was promised before is not put off again.
select t.id from task t join queue q on q.id = t.queue
where t.escalate_at <= $1 and t.state in ('ready', 'reserved') and t.started_at is null and t.respond_by <= $1
    and t.kind in ('work', 'callback') and q.fallback = 'callback' and t.notice->>'callback_at' is null
order by t.escalate_at limit $2

-- name: breached
select id from task
where escalate_at <= $1 and state in ('ready', 'reserved', 'in_progress')
order by escalate_at limit $2

-- name: followed_up
select id from task where follow_up_date <= $1 and state in ('created', 'suspended') order by follow_up_date limit $2

-- name: abandoned
-- Held by someone who went offline: not begun, at once; begun, when they have stayed away. Who works all the same is there.
select t.id from person p join task t on t.assignee = p.id
where p.presence = 'offline' and t.state in ('reserved', 'in_progress') and case
        when coalesce(p.worked_at > p.presence_at, p.worked_at is not null) then p.worked_at <= $1
        else t.state = 'reserved' or p.presence_at is null or p.presence_at <= $1
    end
order by t.id limit $2

-- name: expired_secrets
select id from secret_handle where sealed is not null and expires_at <= $1 order by expires_at limit $2

-- name: forget_secrets
with expired as (
    select id from secret_handle where id = any($1::text[]) and sealed is not null order by id for update skip locked
)
update secret_handle s set sealed = null from expired where s.id = expired.id returning s.id, s.journey_id, s.kind

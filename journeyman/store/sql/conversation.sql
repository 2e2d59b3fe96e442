-- name: write
with placed as (
    update journey set next_message = next_message + 1 where id = $2 returning next_message - 1 as position
)
insert into message (id, journey_id, position, author_kind, author, audience, kind, channel, sender, provider_id, language, body, signals, at)
select $1, $2, position, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 from placed
returning position

-- name: moods
-- What the journey shows of churn so far, and how the customer's last messages sounded, the newest first.
select j.churn, array(
    select (m.signals ->> 'sentiment')::int from message m
    where m.journey_id = j.id and m.author_kind = 'customer' and m.kind = 'text'
    order by m.position desc limit $2) as scores
from journey j where j.id = $1

-- name: churn
-- The journey, which `write` holds, and its open tasks, which come forward or go back by $3.
with shown as (update journey set churn = $2 where id = $1)
update task set as_if_since = as_if_since - $3::interval
where journey_id = $1 and state in ('created', 'ready', 'reserved', 'in_progress', 'suspended')

-- name: read
select id, position, author_kind, author, audience, kind, body, signals, at
from message where journey_id = $1 order by position

-- name: read_after
select id, position, author_kind, author, audience, kind, body, signals, at
from message where journey_id = $1 and position > $2 order by position

-- name: newest_position
select coalesce(max(position), 0) from message where journey_id = $1

-- name: last_told
select id, position, author_kind, author, audience, kind, body, signals, at
from message where journey_id = $1 and audience = 'customer' and author_kind <> 'customer' and kind = 'text'
order by position desc limit 1

-- name: unheard
select max(m.position) from message m
where m.journey_id = $1 and m.author_kind = 'customer' and m.kind = 'text' and m.position > $2
    and m.position > (
        select coalesce(max(t.heard), 0) from task t
        where t.journey_id = $1 and t.kind in ('work', 'callback') and t.state in ('completed', 'failed'))

-- name: asks_for_person
select exists(
    select from message
    where journey_id = $1 and position > $2 and author_kind = 'customer' and signals -> 'triggers' ? 'person_request')

-- name: delivered
select m.id, m.position, m.journey_id from message m where m.channel = $1 and m.sender = $2 and m.provider_id = $3

-- name: keep_secret
insert into secret_handle (id, journey_id, kind, sealed, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)

-- name: take_secret
-- One use: the first call that updates the row has it, and may read it again until it has finished.
update secret_handle s set used_by = $5
from (select id, used_by from secret_handle where id = $1 for update) as before
where s.id = before.id and s.journey_id = $2 and s.kind = any($3::text[]) and s.sealed is not null and s.expires_at > $4
    and (before.used_by is null or before.used_by = $5)
returning s.kind, s.sealed, before.used_by is not null as again

-- name: spend_secrets
update secret_handle set sealed = null where used_by = $1 and sealed is not null

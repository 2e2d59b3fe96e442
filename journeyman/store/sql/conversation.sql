-- name: write
insert into message (id, journey_id, position, author_kind, author, audience, kind, channel, provider_id, language, body, signals, at)
select $1, $2, coalesce(max(position), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
from message where journey_id = $2
returning position

-- name: read
select id, position, author_kind, author, audience, kind, body, signals, at
from message where journey_id = $1 order by position

-- name: last_told
select id, position, author_kind, author, audience, kind, body, signals, at
from message where journey_id = $1 and audience = 'customer' and author_kind <> 'customer' and kind = 'text'
order by position desc limit 1

-- name: delivered
select m.id, m.position, m.journey_id from message m where m.channel = $1 and m.provider_id = $2

-- name: keep_secret
insert into secret_handle (id, journey_id, kind, sealed, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)

-- name: take_secret
-- One use: whoever updates the row has it. The kinds are those that the tool declared.
with taken as (
    select id, kind, sealed from secret_handle
    where id = $1 and journey_id = $2 and kind = any($3::text[]) and used_at is null and expires_at > $4
    for update
)
update secret_handle h set used_at = $4, sealed = null from taken
where h.id = taken.id
returning taken.kind, taken.sealed

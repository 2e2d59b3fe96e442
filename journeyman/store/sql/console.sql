-- Sign-in and tokens.

-- name: begin_session
insert into session (digest, person_id, auth, roles, created_at, seen_at, expires_at)
select $1, p.id, $3, p.roles, $4, $4, $5 from person p where p.id = $2 and p.roles <> '{}'
returning person_id

-- name: session
-- Whoever lost a role since they signed in is signed in no more, and nobody is who has none.
select p.id, p.name, p.roles, s.auth, s.seen_at
from session s join person p on p.id = s.person_id
where s.digest = $1 and s.ended_at is null and s.expires_at > $2 and s.seen_at > $3 and s.roles <@ p.roles
    and p.roles <> '{}'

-- name: see_session
update session set seen_at = $2 where digest = $1 and seen_at < $2

-- name: end_session
update session set ended_at = $2 where digest = $1 and ended_at is null returning person_id

-- name: end_sessions_of
update session set ended_at = $2 where person_id = $1 and ended_at is null returning person_id

-- name: token
-- It counts while its person has a role.
select t.id, p.id as person, p.name, p.roles, t.scopes
from api_token t join person p on p.id = t.person_id
where t.digest = $1 and t.revoked_at is null and t.expires_at > $2 and p.roles <> '{}'

-- name: add_token
insert into api_token (id, digest, person_id, name, scopes, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)

-- name: revoke_token
update api_token set revoked_at = $2 where id = $1 and revoked_at is null returning person_id

-- name: revoke_tokens_of
update api_token set revoked_at = $2 where person_id = $1 and revoked_at is null and expires_at > $2 returning id

-- name: tokens_of
select id, name, scopes, created_at, expires_at, revoked_at from api_token where person_id = $1 order by created_at desc, id

-- name: is_person
select id from person where id = $1

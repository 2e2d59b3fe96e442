-- Macros: texts that people say again and again, sealed.

-- name: hold_owner
-- Whoever changes the macros of one owner does so one after the other.
select pg_advisory_xact_lock(hashtextextended('macro:' || $1::text, 0))

-- name: of
-- Those of these teams, and one person's own.
select id, team, person_id, name, keys, body, changed_at from macro
where team = any($1::text[]) or person_id = $2
order by lower(name), id

-- name: read
select id, team, person_id, name, keys, body, changed_at from macro where id = $1 for no key update

-- name: count
select count(*) from macro where team is not distinct from $1 and person_id is not distinct from $2

-- name: insert
insert into macro (id, team, person_id, name, keys, body, created_at, changed_at) values ($1, $2, $3, $4, $5, $6, $7, $7)
on conflict do nothing returning id

-- name: update
update macro set name = $2, keys = $3, body = $4, changed_at = $5
where id = $1 and not exists (
    select from macro o
    where o.id <> $1 and o.team is not distinct from macro.team and o.person_id is not distinct from macro.person_id
        and lower(o.name) = lower($2))
returning id

-- name: delete
delete from macro where id = $1

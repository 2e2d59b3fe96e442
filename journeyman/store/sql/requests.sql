-- Requests that are sent twice are carried out once.

-- part: turn
-- Waits for whoever uses the same key just now, and holds it until the transaction ends. It is the first thing that is held: who
-- waits here, nobody waits for.
unmoved as materialized (select pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 1)))

-- part: claimed
-- Waits for nobody: if somebody else uses the key just now, it is not claimed.
claimed as (
    insert into request (person_id, key, fingerprint, at, about) select $1, $2, $3, $4, $5 from unmoved
    where pg_try_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 1))
    on conflict (person_id, key) do nothing
    returning key
)

-- name: before
select fingerprint, about from request where person_id = $1 and key = $2

-- name: forget
with old as (select person_id, key from request where at < $1 limit $2)
delete from request r using old where r.person_id = old.person_id and r.key = old.key returning r.key

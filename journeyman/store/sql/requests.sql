-- Requests that are sent twice are carried out once.

-- part: claimed
-- Waits for whoever carries the same request out just now.
claimed as (
    insert into request (person_id, key, fingerprint, at, about) select $1, $2, $3, $4, $5 from unmoved
    on conflict (person_id, key) do nothing
    returning key
)

-- name: before
select fingerprint, about from request where person_id = $1 and key = $2

-- name: forget
with old as (select person_id, key from request where at < $1 limit $2)
delete from request r using old where r.person_id = old.person_id and r.key = old.key returning r.key

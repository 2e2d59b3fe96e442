-- Requests that are sent twice are carried out once.

-- name: claim
-- Waits for whoever carries the same request out just now.
insert into request (person_id, key, fingerprint, at) values ($1, $2, $3, $4)
on conflict (person_id, key) do nothing
returning key

-- name: fingerprint
select fingerprint from request where person_id = $1 and key = $2

-- name: forget
delete from request where at < $1

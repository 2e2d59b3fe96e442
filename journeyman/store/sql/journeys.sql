-- name: open
insert into journey (id, kind, version, customer_id, owner, stage, channel, language, linked_from, reopens, simulated, input, opened_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (id) do nothing
returning *

-- name: hold
-- What is read by later statements is as nobody can change it until the end.
select id from journey where id = $1 for no key update

-- name: close
update journey set status = $2, outcome = $3, closed_at = $4, performer = null
where id = $1 and status = 'open'

-- name: read
select * from journey where id = $1

-- name: lock
select * from journey where id = $1 for update

-- name: newest_open
select * from journey where customer_id = $1 and status = 'open'
order by opened_at desc, id desc limit 1 for update

-- name: list
select * from journey
where ($1::text is null or kind = $1) and ($2::text is null or status = $2) and ($3::text is null or customer_id = $3)
order by opened_at desc, id desc limit $4

-- name: add_notice
update journey set notices = array_append(notices, $2) where id = $1

-- name: counts
select version, status, count(*) as journeys from journey where kind = $1 group by version, status order by version, status

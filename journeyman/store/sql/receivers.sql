-- Whom a task can be given to.

-- name: people
-- Who is there and has room, the longest idle first.
select * from (
    select * from staff where presence = 'online' and teams && $2::text[] and id <> $1
) there
where load < capacity order by worked_at nulls first, id limit 20

-- Questions to colleagues.

-- name: asked
-- What this person is asked and has not answered, of tasks that are open; of several questions about one task the first.
select * from (
    select distinct on (n.task_id) n.task_id, n.author, p.name, n.at
    from task_comment n join task t on t.id = n.task_id join person p on p.id = n.author
    where n.to_person = $1 and n.answered_at is null and t.closed_at is null
    order by n.task_id, n.id
) first
where $2::timestamptz is null or (at, task_id) > ($2, $3::text)
order by at, task_id limit $4

-- What people have typed and not sent. It goes when the task is closed (by the trigger `forget_drafts`).

-- name: keep
-- The task is held until what was typed is kept: who closes it meanwhile waits, and then forgets this too.
insert into draft (person_id, task_id, form, sealed, at)
select $1, id, $3, $4, $5 from task
where id = $2 and state in ('created', 'ready', 'reserved', 'in_progress', 'suspended') for share
on conflict (task_id, person_id, form) do update set sealed = excluded.sealed, at = excluded.at
returning at

-- name: of_task
select form, sealed, at from draft where person_id = $1 and task_id = $2

-- name: drop
delete from draft where person_id = $1 and task_id = $2 and form = $3

-- What was typed for a task and not sent is forgotten when the task closes, also what was kept while whoever closed it waited: a
-- statement sees nothing that was committed after it began, what a trigger runs does.

create function forget_drafts() returns trigger language plpgsql as $$
begin
    delete from draft where task_id = new.id;
    return null;
end
$$;

create trigger forget_drafts after update of closed_at on task
for each row when (old.closed_at is null and new.closed_at is not null) execute function forget_drafts();

delete from draft using task where task.id = draft.task_id and task.closed_at is not null;

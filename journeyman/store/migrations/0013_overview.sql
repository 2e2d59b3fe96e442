-- A supervisor's desk tells of every queue, with tens of thousands of tasks that wait: what it counts stands in the indexes.

drop index task_best;
create index task_best on task (queue, as_if_since) include (created_at, priority, respond_by, due_date, started_at)
    where state = 'ready';
create index task_beside on task (queue, state) where state in ('created', 'reserved', 'in_progress', 'suspended');

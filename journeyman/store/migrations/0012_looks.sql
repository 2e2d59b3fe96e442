-- A page that is open shows a task, or a journey.

alter table look alter column task_id drop not null, add column journey_id text references journey (id);
alter table look add constraint look_at_one check (num_nonnulls(task_id, journey_id) = 1);

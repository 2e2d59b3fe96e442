-- What supervisors and auditors search is of all queues.
create index task_newest on task (created_at desc, id desc) where state in ('created', 'ready', 'reserved', 'in_progress', 'suspended');

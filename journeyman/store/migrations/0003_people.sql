-- What the pages about people, queues, customers, journeys and traces read.

-- Queues: at what pace they are worked
create index task_begun on task (queue, started_at) where started_at is not null;

-- People: what is offered to each
create index task_offered_to on task (offered_to) where offered_to is not null;

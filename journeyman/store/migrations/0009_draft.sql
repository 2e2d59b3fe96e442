-- Who looks at which task, and what people have typed there and not sent.

create table look (                            -- a page that shows a task to a person
    id text primary key,
    task_id text not null references task (id),
    person_id text not null references person (id),
    auth text not null,                        -- how they were authenticated
    position bigint not null,                  -- of the conversation's last message that it has shown
    began_at timestamptz not null,
    seen_at timestamptz not null,              -- the page last said that it is open
    ended_at timestamptz                       -- null: open; a page that comes back begins again
);
create index look_open on look (task_id) where ended_at is null;
create index look_seen on look (seen_at);

create table draft (
    person_id text not null references person (id),
    task_id text not null references task (id),
    form text not null,                        -- which of the page's forms
    sealed bytea not null,                     -- sealed JSON: [[name, text], ...], under the key of the task's customer
    at timestamptz not null,
    primary key (task_id, person_id, form)
);

grant select, insert, update, delete on look, draft to journeyman_app;

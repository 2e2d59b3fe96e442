-- After a task is closed: a moment for its notes. And what people say again and again.

alter table queue add column wrap_up interval; -- how long; null: none

alter table person add column wrap_up_task text references task (id); -- whose notes they write just now
alter table person add column wrap_up_until timestamptz;
alter table person add constraint person_wrap_up check ((wrap_up_task is null) = (wrap_up_until is null));
create index person_wraps_up on person (wrap_up_until) where wrap_up_until is not null;

create or replace view staff as
select
    p.id, p.name, p.teams, p.roles, p.skills, p.delegates, p.capacity, p.presence, p.presence_at, p.worked_at, p.simulated,
    array(select o.id from person o where p.id = any(o.delegates)) as delegate_of,
    (select count(*) from task t where t.assignee = p.id and t.state in ('reserved', 'in_progress'))
        + (select count(*) from task t where t.offered_to = p.id)
        + case when p.wrap_up_until is null then 0 else 1 end as load,
    p.wrap_up_task, p.wrap_up_until
from person p;

create table macro (
    id text primary key,
    team text,                                 -- whose it is: a team's,
    person_id text references person (id),     -- or one person's own
    name text not null,
    keys text not null default '',             -- a few letters that find it at once
    body bytea not null,                       -- sealed text, under the key of its person, or of `system`
    created_at timestamptz not null,
    changed_at timestamptz not null,
    constraint macro_owner check ((team is null) <> (person_id is null))
);
create unique index macro_name on macro (coalesce(team, ''), coalesce(person_id, ''), lower(name));
create index macro_of_person on macro (person_id);

grant select, insert, update, delete on macro to journeyman_app;

-- Traces are found by what their entries name, the newest journey first, however often it is named.

create table journey_mention (                 -- beside `mention`, by the integrator: which journeys have an entry that names it
    name text not null,
    opened_at timestamptz not null,            -- the journey's
    journey_id text not null references journey (id),
    primary key (name, opened_at, journey_id)
);
insert into journey_mention
select distinct m.name, j.opened_at, j.id from mention m join entry e on e.id = m.entry_id join journey j on j.id = e.journey_id;

create view unplaced as                        -- what entries name that have no leaf yet: read from the entries
select named.name, e.id as entry_id, e.journey_id
from entry e cross join lateral (select distinct name from unnest(entry_mentions(e.body)) name) named
where e.id > (select coalesce(max(entry_id), 0) - 10000 from leaf)
    and not exists (
        select from leaf l where l.entry_id = e.id and l.entry_id > (select coalesce(max(entry_id), 0) - 10000 from leaf));

create or replace view mentioned as
select name, entry_id from mention
union all
select name, entry_id from unplaced;

grant select, insert on journey_mention to journeyman_integrator;
grant select (id, opened_at) on journey to journeyman_integrator;
grant select on journey_mention, unplaced to journeyman_app;

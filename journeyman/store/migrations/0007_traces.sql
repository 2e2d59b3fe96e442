-- Whom and which policies an entry names: `person:ID`, `ai:NAME`, `policy:ID`. What searches in the ledger go by.

create function entry_mentions(body bytea) returns text[]
    language plpgsql immutable parallel safe cost 1000 as $$
declare
    told jsonb;
    actor jsonb;
    refs jsonb;
begin
    told := convert_from(body, 'UTF8');
    actor := told -> 'actor';
    refs := told -> 'refs';
    return array_remove(array[
        case when actor ->> 'kind' in ('ai', 'person') then (actor ->> 'kind') || ':' || (actor ->> 'id') end,
        'person:' || nullif(refs ->> 'person', ''),
        'person:' || nullif(refs ->> 'to', ''),
        'person:' || nullif(refs ->> 'from', ''),
        'person:' || nullif(refs ->> 'reviewer', '')
    ], null) || array(select 'policy:' || policy from jsonb_array_elements_text(told -> 'policies') policy);
exception
    when others then return '{}'; -- a body that was tampered with names nobody, and is found by the verifier
end
$$;

create table mention (                         -- written by the integrator, with an entry's leaf: no writer of entries waits for it
    name text not null,
    entry_id bigint not null references entry (id),
    primary key (name, entry_id)
);
insert into mention select distinct name, l.entry_id from leaf l join entry e on e.id = l.entry_id, unnest(entry_mentions(e.body)) name;

create view mentioned as                       -- those of entries that have no leaf yet are read from the entries
select name, entry_id from mention
union all
select distinct name, e.id
from entry e cross join lateral unnest(entry_mentions(e.body)) name
where e.id > (select coalesce(max(entry_id), 0) - 10000 from leaf) and not exists (select from leaf l where l.entry_id = e.id);

grant select, insert on mention to journeyman_integrator;
grant select on mentioned to journeyman_app;

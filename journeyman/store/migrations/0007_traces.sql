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
create index entry_mentioning on entry using gin (entry_mentions(body));

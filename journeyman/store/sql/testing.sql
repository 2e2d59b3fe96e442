-- name: decisions
select body ->> 'type' as type, split_part(body ->> 'type', '.', 2) as action, body -> 'facts' ->> 'verdict' as verdict,
    array(select jsonb_array_elements_text(body -> 'policies')) as policies
from (select id, convert_from(body, 'UTF8')::jsonb as body from entry where journey_id = $1 and type like 'decision.%') e
order by id

-- name: handoffs
select direction, reason from handoff where journey_id = $1 order by created_at, id

-- name: entries
select type from entry where journey_id = $1 order by id

-- name: story
select type, (convert_from(body, 'UTF8')::jsonb -> 'facts') || (convert_from(body, 'UTF8')::jsonb -> 'refs') as told
from entry where journey_id = $1 order by id

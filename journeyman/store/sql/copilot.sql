-- What the copilot is decided on beside the journey's own facts, and what it has suggested, as the ledger has it.

-- name: beside
-- $1: the journey, $2: the AI agent that helps.
select
    exists (select from stop_flag s where s.scope in ('all', 'journey:' || $1::text, 'agent:' || $2::text)) as stopped,
    (select hash from publication where subject = 'agent:' || $2::text order by id desc limit 1) as agent_version,
    (select coalesce(max(t.heard), 0) from task t
        where t.journey_id = $1 and t.kind in ('work', 'callback') and t.state in ('completed', 'failed')) as taken

-- name: suggestions
-- Those of a task for a person, the newest first: of one suggestion $4, or of all. `ended`: used or dismissed.
with beside as (
    select id, type, at, convert_from(body, 'UTF8')::jsonb as body from entry
    where journey_id = $1 and type in ('copilot.suggested', 'copilot.used', 'copilot.dismissed')
)
select s.at, s.body, v.name, v.subject, v.sealed,
    exists (
        select from beside e
        where e.type <> 'copilot.suggested' and e.body -> 'refs' ->> 'suggestion' = s.body -> 'refs' ->> 'suggestion') as ended
from beside s join entry_value v on v.entry_id = s.id and v.name = 'suggestion'
where s.type = 'copilot.suggested' and s.body -> 'refs' ->> 'task' = $2 and s.body -> 'refs' ->> 'for' = $3
    and ($4::text is null or s.body -> 'refs' ->> 'suggestion' = $4)
order by s.id desc limit 20

-- name: moment
-- What is to be done next is read from: the journey's notices and language; when the customer wrote last and nobody has answered.
select j.notices, j.language,
    (select min(m.at) from message m
        where m.journey_id = j.id and m.author_kind = 'customer' and m.kind = 'text' and m.position > coalesce(
            (select max(a.position) from message a
                where a.journey_id = j.id and a.author_kind in ('ai', 'person') and a.audience = 'customer' and a.kind <> 'notice'), 0)) as waits_since
from journey j where j.id = $1

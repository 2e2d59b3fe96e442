-- What a supervisor watches.

-- name: report_endpoint
insert into ai_endpoint (process, model, state, share, failures, changed_at, seen_at) values ($1, $2, $3, $4, $5, $6, $6)
on conflict (process) do update set
    model = excluded.model, state = excluded.state, share = excluded.share, failures = excluded.failures,
    changed_at = case when ai_endpoint.state = excluded.state then ai_endpoint.changed_at else excluded.changed_at end,
    seen_at = excluded.seen_at

-- name: forget_endpoints
delete from ai_endpoint where process = $1 or seen_at < $2

-- name: endpoints
select process, model, state, share, failures, changed_at, seen_at from ai_endpoint where seen_at >= $1 order by process

-- name: ai_journeys
-- Open journeys that AI agents work on, those of each agent that were opened first.
select a.* from (select distinct performer from journey where status = 'open' and performer like 'ai:%') p
cross join lateral (
    select id, kind, stage, performer, simulated, opened_at, channel, language from journey
    where status = 'open' and performer = p.performer order by opened_at, id limit $1) a
order by a.performer, a.opened_at, a.id

-- name: falling
-- Open journeys whose customers wrote since $1, with the sentiments of their last three texts, the oldest first: the last one is
-- below -5, and below the first of them, or all are.
select j.id, j.kind, j.stage, j.performer, j.simulated, j.channel, j.language, l.sentiments, l.at
from (select distinct journey_id from message where author_kind = 'customer' and at >= $1) recent
join journey j on j.id = recent.journey_id and j.status = 'open'
cross join lateral (
    select array_agg(sentiment order by position) as sentiments, max(at) as at from (
        select (signals ->> 'sentiment')::int as sentiment, position, at from message
        where journey_id = j.id and author_kind = 'customer' and kind = 'text' order by position desc limit 3) last
) l
where l.sentiments[cardinality(l.sentiments)] < -5
    and (cardinality(l.sentiments) = 1 or l.sentiments[cardinality(l.sentiments)] < l.sentiments[1]
        or l.sentiments[1] < -5)
order by l.sentiments[cardinality(l.sentiments)], l.at desc, j.id limit $2

-- name: failing
-- Open journeys in which an AI agent's turns failed since $1, and how often.
select j.id, j.kind, j.stage, j.performer, j.simulated, j.channel, j.language, f.agent, f.failures, f.at
from (
    select journey_id, convert_from(body, 'UTF8')::jsonb -> 'actor' ->> 'id' as agent, count(*) as failures, max(at) as at
    from entry where type = 'agent.failed' and at >= $1 group by 1, 2
) f join journey j on j.id = f.journey_id and j.status = 'open'
order by f.failures desc, f.at desc, j.id limit $2

-- AI agents, as people see them.

-- name: working
-- How many open journeys each has now.
select substr(performer, 4) as agent, count(*) as journeys from journey
where status = 'open' and performer like 'ai:%'
group by performer order by performer

-- What people do with whole journeys and AI agents: open, cancel, stop, publish.

-- name: teams
-- Teams that have, or had, a task of a journey.
select distinct unnest(candidate_groups) as team from task where journey_id = $1 order by team

-- name: cancelling
select exists (select from outbox where journey_id = $1 and kind = 'cancel')

-- name: stops
select scope, set_by, reason, at from stop_flag order by at, scope

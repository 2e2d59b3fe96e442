-- name: current
select hash from publication where subject = $1 order by id desc limit 1

-- name: bundle
select files from bundle where hash = $1

-- name: keep_bundle
insert into bundle (hash, files, created_at) values ($1, $2, $3) on conflict (hash) do nothing

-- name: keep_agent
insert into agent_version (agent, hash, spec, created_at) values ($1, $2, $3, $4) on conflict (agent, hash) do nothing

-- name: publish
insert into publication (subject, hash, published_by, at) values ($1, $2, $3, $4)

-- name: published
select distinct on (subject) subject, hash, published_by, at from publication order by subject, id desc

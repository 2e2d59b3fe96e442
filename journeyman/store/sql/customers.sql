-- name: find
select c.id, c.language, c.time_zone, c.tier, c.verification, c.verified_until, c.support_needs, c.consents, c.simulated
from customer c join customer_address a on a.customer_id = c.id
where a.channel = $1 and a.digest = $2

-- name: read
select id, language, time_zone, tier, verification, verified_until, support_needs, consents, simulated
from customer where id = $1

-- name: list
select id, language, time_zone, tier, verification, verified_until, support_needs, consents, simulated
from customer order by created_at desc, id limit $1

-- name: add
insert into customer (id, language, time_zone, tier, support_needs, consents, profile, simulated, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
returning id, language, time_zone, tier, verification, verified_until, support_needs, consents, simulated

-- name: add_address
insert into customer_address (channel, digest, customer_id, sealed) values ($1, $2, $3, $4)

-- name: verified
update customer set verification = $2, verified_until = $3 where id = $1

-- name: consent
update customer set consents = consents || $2::jsonb where id = $1

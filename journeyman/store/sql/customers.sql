-- name: find
select c.id, c.language, c.time_zone, c.tier, c.verification, c.verified_until, c.support_needs, c.consents, c.simulated
from customer c join customer_address a on a.customer_id = c.id
where a.channel = $1 and a.digest = $2

-- name: read
select id, language, time_zone, tier, verification, verified_until, support_needs, consents, simulated, erased_at
from customer where id = $1

-- name: list
select id, language, time_zone, tier, verification, verified_until, support_needs, consents, simulated, erased_at
from customer order by created_at desc, id limit $1

-- name: add
insert into customer (id, language, time_zone, tier, support_needs, consents, simulated, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
returning id, language, time_zone, tier, verification, verified_until, support_needs, consents, simulated

-- name: add_address
insert into customer_address (channel, digest, customer_id, sealed) values ($1, $2, $3, $4)
on conflict (channel, digest) do nothing returning customer_id

-- name: verified
update customer set verification = $2, verified_until = $3 where id = $1 and erased_at is null

-- name: consent
update customer set consents = consents || $2::jsonb where id = $1 and erased_at is null

-- name: hold_journeys
select id from journey where customer_id = $1 order by id for update

-- name: hold
select erased_at from customer where id = $1 for update

-- name: erase
-- All that stands in clear about a customer, and the digests by which they are found. What is sealed goes with the key.
with journeys as (
    select id from journey where customer_id = $1
), addresses as (
    delete from customer_address where customer_id = $1
), messages as (
    update message set signals = '{}', sender = null, provider_id = null where journey_id in (select id from journeys)
), secrets as (
    update secret_handle set sealed = null where journey_id in (select id from journeys)
), handoffs as (
    update handoff set reason = 'erased' where journey_id in (select id from journeys)
), stops as (
    delete from stop_flag where scope in (select 'journey:' || id from journeys)
)
update customer set language = default, time_zone = default, tier = default, verification = default, verified_until = null,
    support_needs = default, consents = default, erased_at = $2
where id = $1

-- name: one_at_a_time
-- One message of an address, and one of a customer, at a time: later statements see what the one before has written.
select pg_advisory_xact_lock(hashtextextended($1, 0))

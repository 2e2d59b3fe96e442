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

-- name: change
-- What is null stays as it is.
update customer set
    language = coalesce($2, language), time_zone = coalesce($3, time_zone), tier = coalesce($4, tier),
    support_needs = coalesce($5, support_needs)
where id = $1
returning id, language, time_zone, tier, verification, verified_until, support_needs, consents, simulated

-- name: come_sooner
-- Their open tasks, whose journeys are held, come forward or go back by $2.
update task t set as_if_since = t.as_if_since - $2::interval from journey j
where j.id = t.journey_id and j.customer_id = $1
    and t.state in ('created', 'ready', 'reserved', 'in_progress', 'suspended')

-- name: phone
-- The same one each time: of several, a number for calls before one for messages.
select sealed from customer_address where customer_id = $1 and channel in ('phone', 'voice', 'sms', 'whatsapp')
order by array_position(array['phone', 'voice', 'sms', 'whatsapp'], channel), digest limit 1

-- name: add_address
insert into customer_address (channel, digest, customer_id, sealed) values ($1, $2, $3, $4)
on conflict (channel, digest) do nothing returning customer_id

-- name: add_identifier
insert into customer_identifier (customer_id, kind, digest, sealed, created_at) values ($1, $2, $3, $4, $5)
on conflict (kind, digest, customer_id) do nothing returning customer_id

-- name: remove_identifier
delete from customer_identifier where customer_id = $1 and kind = $2 and digest = $3 returning customer_id

-- name: contacts
-- By which names and numbers a customer is known, and the addresses where they are reached.
(select 'identifiers' as field, kind, sealed from customer_identifier where customer_id = $1 order by kind, created_at)
union all
(select 'addresses', channel, sealed from customer_address where customer_id = $1 order by channel)

-- name: channels_of
select distinct channel from customer_address where customer_id = $1 order by channel

-- name: named
-- Those of these customers who have a name, with the first that was told of them.
select
    c.id, n.sealed as name, c.tier, case when c.verified_until > $2 then c.verification else 'none' end as verification, c.language,
    array(select key from jsonb_each(c.consents) where (value -> 'given')::bool) as consents, c.support_needs, c.simulated
from customer c cross join lateral (
    select sealed from customer_identifier
    where customer_id = c.id and kind = 'name' order by created_at limit 1) n
where c.id = any($1::text[])

-- name: channels
-- Each that an address is of; the index is skipped through, however many addresses there are.
with recursive found as (
    (select channel from customer_address order by channel limit 1)
    union all
    select (select a.channel from customer_address a where a.channel > f.channel order by a.channel limit 1)
    from found f where f.channel is not null
)
select channel from found where channel is not null

-- name: identifier_kinds
with recursive found as (
    (select kind from customer_identifier order by kind limit 1)
    union all
    select (select i.kind from customer_identifier i where i.kind > f.kind order by i.kind limit 1)
    from found f where f.kind is not null
)
select kind from found where kind is not null

-- name: found_by
select customer_id, array_agg(distinct kind order by kind) as kinds from (
    select customer_id, kind from customer_identifier
    where kind = any($1::text[]) and digest = any($2::bytea[])
    union all
    select a.customer_id, a.channel
    from unnest($3::text[], $4::bytea[]) as asked (channel, digest) join customer_address a using (channel, digest)
) matches
group by customer_id order by customer_id limit $5

-- name: dealings
-- What there was with a customer: their journeys, the newest first, each with the texts that they were given; and the callbacks
-- that they wait for.
select array(
    select to_jsonb(j) from (
        select id, kind, status, stage, outcome, opened_at, closed_at, notices from journey
        where customer_id = $1 order by opened_at desc, id desc limit $2) j
) as journeys, array(
    select to_jsonb(c) from (
        select c.id, c.task_id as task, c.journey_id as journey, c.slot, c.number, t.queue, t.state
        from callback c join task t on t.id = c.task_id join journey j on j.id = c.journey_id
        where j.customer_id = $1 and c.closed_at is null order by c.slot, c.id limit $2) c
) as callbacks

-- name: packets
select h.journey_id as journey, h.giver, h.created_at as at, h.packet
from handoff h join journey j on j.id = h.journey_id
where j.customer_id = $1 order by h.created_at desc, h.id limit $2

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
), identifiers as (
    delete from customer_identifier where customer_id = $1
), messages as (
    update message set signals = '{}', sender = null, provider_id = null where journey_id in (select id from journeys)
), signs as (
    update journey set churn = '{}' where customer_id = $1 and churn <> '{}'
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

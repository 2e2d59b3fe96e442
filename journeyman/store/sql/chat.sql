-- Customers' browsers, and where their conversations stand.

-- name: begin
insert into chat_session (digest, customer_id, channel, address, kind, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: session
-- Whoever was erased has none.
select s.digest, s.customer_id as customer, s.channel, s.kind, s.expires_at, c.language, c.time_zone, s.address
from chat_session s join customer c on c.id = s.customer_id
where s.digest = $1 and s.ended_at is null and s.expires_at > $2 and c.erased_at is null

-- name: end
update chat_session set ended_at = $2 where digest = $1 and ended_at is null returning customer_id

-- name: journey
-- The one that a customer talks in: the newest that is open, else the newest.
select id from journey where customer_id = $1 order by (status = 'open') desc, opened_at desc, id desc limit 1

-- name: sent
-- When a customer wrote after $2, of the last $3 messages where they talk now.
select m.at from journey j join message m on m.journey_id = j.id and m.position >= j.next_message - $3::bigint
where j.id = (
        select id from journey where customer_id = $1 order by (status = 'open') desc, opened_at desc, id desc limit 1)
    and m.author_kind = 'customer' and m.at > $2
order by m.position

-- name: lines
-- What a customer may read of a journey, after a position, the first $3 of it, with the names of people who wrote.
select m.id, m.position, m.author_kind, m.author, m.audience, m.kind, m.body, m.signals, m.at, p.name
from message m left join person p on m.author_kind = 'person' and p.id = m.author
where m.journey_id = $1 and m.position > $2 and m.audience = 'customer'
order by m.position limit $3

-- name: standing
-- Who has a journey in hand at a moment ($2), and where it waits: the pace is that of the time ($3) before. Who has asked for a
-- person waits for one also while people look at what an AI agent wants to say or do.
select j.status, j.performer, p.name as person, t.state, t.notice, t.follow_up_date,
    (select count(*) from task o where o.queue = t.queue and o.state = 'ready' and o.as_if_since < t.as_if_since) as before,
    (select count(*) from task b where b.queue = t.queue and b.started_at > $2::timestamptz - $3::interval
        and b.started_at <= $2) as begun
from journey j
left join lateral (
    select * from task t
    where t.journey_id = j.id and (t.kind in ('work', 'callback') or exists(
            select from message m
            where m.journey_id = j.id and m.at >= t.created_at and m.author_kind = 'customer'
                and m.signals -> 'triggers' ? 'person_request'))
        and t.state in ('created', 'ready', 'reserved', 'in_progress', 'suspended')
    order by t.created_at desc, t.id desc limit 1
) t on true
left join person p on p.id = case when t.kind in ('work', 'callback') and t.state in ('reserved', 'in_progress', 'suspended') then t.assignee end
where j.id = $1

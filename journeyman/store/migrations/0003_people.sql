-- What the pages about people, queues, customers, journeys and traces read.

-- Queues: at what pace they are worked
create index task_begun on task (queue, started_at) where started_at is not null;

-- Customers: what they are found by, beside their addresses
create table customer_identifier (
    customer_id text not null references customer (id),
    kind text not null,                        -- name, policy, account, ...
    digest bytea not null,                     -- keyed digest of its normal form: found, not read; several may share one
    sealed bytea not null,
    created_at timestamptz not null,
    primary key (kind, digest, customer_id)
);
create index customer_identifier_customer on customer_identifier (customer_id);
create index journey_of_customer on journey (customer_id, opened_at desc, id desc);
create index callback_of_journey on callback (journey_id);

grant select, insert, delete on customer_identifier to journeyman_app;

-- Journeys: where those of a kind stand, and how the latest ended
create index journey_standing_at on journey (kind, version, stage, performer) where status = 'open';
create index journey_ended on journey (closed_at) where closed_at is not null;

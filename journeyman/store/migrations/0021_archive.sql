-- Histories of journeys that have closed, kept beyond Temporal's retention.

create table archived_history (
    journey_id text not null references journey (id),
    run_id text not null,
    history bytea not null,                    -- gzip of Temporal's JSON: payloads are sealed as they were
    archived_at timestamptz not null,
    primary key (journey_id, run_id)
);
grant select, insert on archived_history to journeyman_app;

alter table journey add column archived_at timestamptz; -- its histories are kept, or Temporal has none any more
create index journey_unarchived on journey (closed_at desc) where status <> 'open' and archived_at is null;

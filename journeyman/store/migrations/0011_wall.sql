-- How the AI endpoint stands, as each process that calls it sees it, and what the wall reads.

create table ai_endpoint (
    process text primary key,                  -- of one worker, as it named itself when it began
    model text not null,
    state text not null,                       -- of its circuit breaker
    share integer not null,                    -- per mille of the calls that are let through
    failures integer not null,                 -- in a row
    changed_at timestamptz not null,           -- since when it stands so
    seen_at timestamptz not null,              -- what has not been seen for a minute tells nothing any more
    constraint ai_endpoint_state check (state in ('closed', 'open', 'half_open'))
);
grant select, insert, update, delete on ai_endpoint to journeyman_app;

create index message_of_customers on message (at) where author_kind = 'customer';
create index entry_of_failed_turns on entry (at) where type = 'agent.failed';

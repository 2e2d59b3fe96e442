-- Who is signed in to the console, by which tokens programs come, and which of their requests were carried out.

create table session (
    digest bytea primary key,                  -- SHA-256 of what the cookie holds
    person_id text not null references person (id),
    auth text not null,                        -- how they were authenticated: `oidc`, `picker`
    roles text[] not null,                     -- what they were then: a session ends when one of these is taken away
    created_at timestamptz not null,
    seen_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz
);
create index session_person on session (person_id) where ended_at is null;

create table api_token (
    id text primary key,
    digest bytea not null unique,              -- SHA-256 of the token
    person_id text not null references person (id),
    name text not null,                        -- what it is for
    scopes text[] not null,                    -- `tasks:read`, `tasks:write`, ...
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index api_token_person on api_token (person_id);

create table request (                         -- a write that was carried out: sent again, it changes nothing
    person_id text not null references person (id),
    key text not null,                         -- its Idempotency-Key
    fingerprint bytea not null,                -- SHA-256 of method, path and body
    at timestamptz not null,
    primary key (person_id, key)
);
create index request_at on request (at);

grant select, insert, update on session, api_token to journeyman_app;
grant select, insert, delete on request to journeyman_app;

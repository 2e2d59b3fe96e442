-- Customers who chat in a browser: each session is one customer's, and reads and writes that customer's own conversation alone.

create table chat_session (
    digest bytea primary key,                  -- SHA-256 of what the cookie or the token holds
    customer_id text not null references customer (id),
    channel text not null,
    address bytea not null,                    -- sealed: where the customer's messages come from
    kind text not null,                        -- of the journey that the first message opens
    created_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz
);
create index chat_session_customer on chat_session (customer_id) where ended_at is null;

grant select, insert, update on chat_session to journeyman_app;

-- The whole schema. Owner: the migrating role. Services connect as the roles at the end, never as the owner.
-- "sealed" columns are ciphertext under the key of the row's data subject (journeyman.customers.keys).
-- Domain time is written by the caller; only recorded_at is the database's own clock.

-- Data subjects and customers -------------------------------------------------------------------------------------

create table subject_key (
    subject text primary key,                  -- a customer id, a person id, or `system`
    wrapped bytea,                             -- the data key under the deployment's master key; null once destroyed
    created_at timestamptz not null,
    destroyed_at timestamptz,
    constraint subject_key_destroyed check ((wrapped is null) = (destroyed_at is not null))
);

create table customer (
    id text primary key,                       -- a pseudonym
    language text not null default 'en',
    time_zone text not null default 'UTC',
    tier text not null default 'standard',
    verification text not null default 'none', -- none, basic, strong
    verified_until timestamptz,
    support_needs text[] not null default '{}',
    consents jsonb not null default '{}',      -- name -> {"given": bool, "at": timestamp}
    simulated boolean not null default false,
    created_at timestamptz not null,
    erased_at timestamptz                      -- their key is destroyed, and nothing personal is left in this row
);

create table customer_address (
    channel text not null,                     -- chat, email, phone, voice, ...
    digest bytea not null,                     -- keyed digest of the normalised address: found, not read
    customer_id text not null references customer (id),
    sealed bytea not null,
    primary key (channel, digest)
);
create index customer_address_customer on customer_address (customer_id);

-- Journeys --------------------------------------------------------------------------------------------------------

create table journey (
    id text primary key,                       -- the Temporal workflow id, unique for ever
    kind text not null,
    version integer not null,
    customer_id text not null references customer (id),
    owner text not null,                       -- a queue: its people are accountable at every moment
    status text not null default 'open',
    stage text not null,
    outcome text,
    channel text not null default 'chat',
    language text not null default 'en',
    performer text,                            -- who works on it: `ai:NAME`, `person:ID`, `queue:ID`
    next_event bigint not null default 1,      -- the sequence number that the next event of this journey gets
    next_message integer not null default 1,   -- the position that the next message of its transcript gets
    notices text[] not null default '{}',      -- `name@version` of each notice given in it
    linked_from text references journey (id),
    reopens text references journey (id),
    simulated boolean not null default false,
    input bytea,                               -- sealed JSON: the initial state, until it runs and after
    run_id text,                               -- the first execution's run id, known once it runs: effect keys begin with it, Temporal finds it by it
    opened_at timestamptz not null,
    closed_at timestamptz,
    constraint journey_status check (status in ('open', 'completed', 'failed', 'cancelled')),
    constraint journey_closed check ((status = 'open') = (closed_at is null))
);
create index journey_open_of_customer on journey (customer_id) where status = 'open';
create index journey_recent on journey (opened_at desc, id);

create table outbox (                          -- what must reach a journey, at least once and in order
    journey_id text not null references journey (id),
    sequence bigint not null,                  -- 0 is the start of the journey
    event_id text not null unique,
    kind text not null,
    reference text not null,
    created_at timestamptz not null,
    sent_at timestamptz,                       -- last reached Temporal
    attempts integer not null default 0,
    again_at timestamptz,                      -- when it is tried again if it is not settled by then; null: never tried
    settled_at timestamptz,                    -- the journey has applied it; only then is the row done with
    primary key (journey_id, sequence)
);
create index outbox_unsettled on outbox (coalesce(again_at, created_at)) where settled_at is null;

create table effect (                          -- what an effect key led to: a rerun returns it
    key text not null,                         -- `RUN_ID:ORDINAL`
    phase text not null,                       -- `permit` (decided, not yet done), `outcome`, or `say` (what is said once it is reviewed)
    journey_id text not null references journey (id),
    result bytea not null,                     -- sealed JSON
    at timestamptz not null,
    primary key (key, phase)
);

-- Conversation ----------------------------------------------------------------------------------------------------

create table message (
    id text primary key,
    journey_id text not null references journey (id),
    position bigint not null,
    author_kind text not null,                 -- customer, ai, person, system
    author text not null,
    audience text not null default 'customer', -- customer, or internal (notes, questions, answers)
    kind text not null default 'text',         -- text, notice, announcement, left, question, answer
    channel text not null,
    sender bytea,                              -- keyed digest of the address that it came from
    provider_id text,                          -- the channel's own id there: a second delivery is recognised
    language text not null,
    body bytea not null,                       -- sealed text, secrets masked
    signals jsonb not null default '{}',       -- {"triggers": [..], "sentiment": int, "asks": [..]}
    at timestamptz not null,
    recorded_at timestamptz not null default now(),
    unique (journey_id, position),
    constraint message_once unique (channel, sender, provider_id),
    constraint message_author check (author_kind in ('customer', 'ai', 'person', 'system')),
    constraint message_audience check (audience in ('customer', 'internal'))
);

create table secret_handle (                   -- a typed PIN or password: one use, one tool, then gone
    id text primary key,
    journey_id text not null references journey (id),
    kind text not null,
    sealed bytea,                              -- null once used or expired
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_by text                               -- the tool call that has it: a retry of that call, and nothing else, may read again
);
create index secret_handle_kept on secret_handle (expires_at) where sealed is not null;

-- Policy, agents ---------------------------------------------------------------------------------------------------

create table bundle (
    hash text primary key,
    files jsonb not null,                      -- {path: text}: schema and policies as they were
    created_at timestamptz not null
);

create table agent_version (
    agent text not null,
    hash text not null,
    spec jsonb not null,                       -- instructions, tools, model, output as they were: for whoever asks later what was in force
    created_at timestamptz not null,
    primary key (agent, hash)
);

create table publication (                     -- the newest of a subject is what runs
    id bigint generated always as identity primary key,
    subject text not null,                     -- `policies`, or `agent:NAME`
    hash text not null,
    published_by text not null,
    at timestamptz not null
);
create index publication_newest on publication (subject, id desc);

create table stop_flag (
    scope text primary key,                    -- `agent:NAME`, `journey:ID` or `all`
    set_by text not null,
    reason text not null,
    at timestamptz not null
);

create table tool_call (
    id text primary key,
    journey_id text not null references journey (id),
    step text not null,
    agent text not null,
    tool text not null,
    mode text not null,                        -- read, idempotent, at_most_once
    args bytea not null,                       -- sealed JSON
    args_hash text not null,                   -- of the canonical arguments: an approval binds to it
    status text not null,
    task_id text,                              -- the approval, where one was needed
    result bytea,                              -- sealed JSON
    created_at timestamptz not null,
    constraint tool_call_mode check (mode in ('read', 'idempotent', 'at_most_once')),
    constraint tool_call_status check (
        status in ('permitted', 'proposed', 'refused', 'started', 'done', 'failed', 'uncertain'))
);
create index tool_call_journey on tool_call (journey_id);

-- People, queues, tasks --------------------------------------------------------------------------------------------

create table calendar (
    id text primary key,
    time_zone text not null,
    hours jsonb not null,                      -- {"mon": [["09:00", "17:00"]], ...}
    holidays jsonb not null default '[]',      -- ["2026-12-25", ...]
    emergency text                             -- what a customer is told outside the hours
);

create table person (
    id text primary key,
    name text not null,
    teams text[] not null default '{}',
    roles text[] not null default '{}',        -- agent, supervisor, auditor, author
    skills text[] not null default '{}',
    delegates text[] not null default '{}',    -- people who stand in for them
    capacity integer not null default 3 check (capacity >= 0),
    presence text not null default 'offline',
    presence_at timestamptz,
    worked_at timestamptz,                     -- last was offered, took or finished work
    simulated boolean not null default false,
    constraint person_presence check (presence in ('online', 'away', 'offline'))
);

create table queue (
    id text primary key,
    title text not null,
    teams text[] not null default '{}',
    calendar text references calendar (id),
    respond interval,                          -- service level: until someone has started
    complete interval,                         -- service level: until it is done
    offer_for interval not null default '30 seconds',
    push boolean not null default false,       -- offers work (push), or lets people take it (pull)
    max_waiting integer,                       -- past it the fallback applies at once
    fallback text not null default 'wait',
    fallback_queue text references queue (id),
    constraint queue_fallback check (fallback in ('wait', 'callback', 'queue')),
    constraint queue_fallback_queue check ((fallback = 'queue') = (fallback_queue is not null))
);

create table task (
    id text primary key,
    journey_id text not null references journey (id),
    effect text not null unique,               -- the effect key that opened it
    step text not null,
    kind text not null,
    title text not null,
    instructions text not null,
    reason text not null,                      -- why a person was needed: a stable word, e.g. `asked_for_person`
    state text not null,
    queue text not null references queue (id),
    candidate_groups text[] not null default '{}',
    skills text[] not null default '{}',
    excluded text[] not null default '{}',     -- people who may not do it: it is their own work
    assignee text references person (id),
    priority integer not null default 50 check (priority between 0 and 100),
    respond_by timestamptz,
    due_date timestamptz,
    follow_up_date timestamptz,                -- suspended until; a callback before its slot: created until
    suspended_at timestamptz,                  -- on hold since: its clocks stand still
    escalate_at timestamptz,                   -- when its clock escalates it next; null: on hold, or no further target
    offered_to text references person (id),
    offer_expires_at timestamptz,
    refused_by text[] not null default '{}',   -- let an offer pass or declined it
    escalations integer not null default 0,
    input bytea,                               -- sealed JSON: the step's input
    draft bytea,                               -- sealed JSON: an AI agent's draft, or the exact tool call
    output bytea,                              -- sealed JSON: what the person submitted
    packet bytea,                              -- sealed JSON: the handoff packet
    tool_call text references tool_call (id),
    draft_kind text,                           -- what a draft is: a step's result, a message, or a tool call
    dispositions jsonb not null default '{}',  -- {name: title} of the ways to close it without a result
    notice jsonb,                              -- what the customer must be told: opening time, callback slot, emergency
    action text,                               -- the named action that closed it: complete, accept, edit, reject, return, approve, answer
    disposition text,
    heard bigint,                              -- position of the conversation's last message when it was closed
    revision integer not null default 1,
    created_at timestamptz not null,
    started_at timestamptz,
    closed_at timestamptz,
    constraint task_kind check (kind in ('work', 'review', 'approval', 'question', 'callback')),
    constraint task_state check (state in (
        'created', 'ready', 'reserved', 'in_progress', 'suspended', 'completed', 'failed', 'exited', 'obsolete')),
    constraint task_draft_kind check (draft_kind in ('result', 'message', 'call')),
    constraint task_reserved_has_assignee check (
        state not in ('reserved', 'in_progress') or assignee is not null)
);
create index task_waiting on task (queue, priority desc, created_at) where state = 'ready';
create index task_of_person on task (assignee, state) where state in ('reserved', 'in_progress', 'suspended');
create index task_of_journey on task (journey_id);
create index task_offers on task (offer_expires_at) where offered_to is not null;
create index task_escalate on task (escalate_at) where state in ('ready', 'reserved', 'in_progress');
create index task_follow_up on task (follow_up_date) where state in ('created', 'suspended');
create index task_soonest on task (queue, coalesce(respond_by, created_at)) where state = 'ready';
create index task_refused on task (id) where state = 'ready' and refused_by <> '{}';
create index task_open on task (queue, created_at desc, id desc)
    where state in ('created', 'ready', 'reserved', 'in_progress', 'suspended');
create index task_closed on task (queue, created_at desc, id desc) where closed_at is not null;
create index task_closed_by on task (assignee, created_at desc, id desc) where closed_at is not null;

create table task_comment (
    id bigint generated always as identity primary key,
    task_id text not null references task (id),
    author text not null,
    body bytea not null,                       -- sealed text
    at timestamptz not null
);

create index task_comment_task on task_comment (task_id, id);

create table handoff (
    id text primary key,
    journey_id text not null references journey (id),
    step text not null,
    giver text not null,                       -- `ai:NAME`, `person:ID`
    receiver text,                             -- known once accepted
    direction text not null,
    reason text not null,                      -- a stable word: the task's reason, or returned, transferred, escalated
    packet bytea not null,                     -- sealed JSON, with the giver's own words: as it was given, while the task's is brought up to date
    task_id text references task (id),
    created_at timestamptz not null,
    told_at timestamptz,                       -- the customer was told; null on one that was not, for whoever looks why
    accepted_at timestamptz,
    constraint handoff_direction check (direction in ('to_person', 'to_ai'))
);
create index handoff_journey on handoff (journey_id);
create index handoff_task on handoff (task_id);

create table callback (
    id text primary key,
    journey_id text not null references journey (id),
    task_id text not null references task (id),
    slot timestamptz not null,
    created_at timestamptz not null,
    closed_at timestamptz
);
create index callback_task on callback (task_id);
create index callback_open on callback (slot) where closed_at is null;

-- Ledger ------------------------------------------------------------------------------------------------------------

create table entry (                           -- recorded: written by the effect's own transaction
    id bigint generated always as identity primary key,
    journey_id text,
    type text not null,
    at timestamptz not null,
    body bytea not null,                       -- RFC 8785 canonical JSON
    leaf_hash bytea not null,                  -- RFC 6962: SHA-256(0x00 || body)
    recorded_at timestamptz not null default clock_timestamp() -- the writers cannot set it
);
create index entry_journey on entry (journey_id, id);

create table entry_value (                     -- beside the entry: what its commitments commit to
    entry_id bigint not null references entry (id),
    name text not null,
    subject text not null,
    sealed bytea not null,                     -- sealed salt and value
    primary key (entry_id, name)
);

create table leaf (                            -- integrated: has its place in the tree
    index bigint primary key,
    entry_id bigint not null unique references entry (id),
    leaf_hash bytea not null
);

create table checkpoint (                      -- a signed tree head over committed leaves
    size bigint primary key,
    root bytea not null,
    frontier bytea[] not null,                 -- the compact range: hashes of the perfect subtrees, left to right
    note text not null,                        -- C2SP signed note
    at timestamptz not null,
    published_at timestamptz                   -- exported to a place outside
);

-- People with what they have in hand, and whom they stand in for -----------------------------------------------------

create view staff as
select
    p.*, array(select o.id from person o where p.id = any(o.delegates)) as delegate_of,
    (select count(*) from task t where t.assignee = p.id and t.state in ('reserved', 'in_progress'))
        + (select count(*) from task t where t.offered_to = p.id) as load
from person p;

-- Tasks as they are read, and what else a decision on them is made on ------------------------------------------------

create view task_row as
select
    t.id, t.journey_id, j.kind as journey_kind, j.version as journey_version,
    j.customer_id, c.tier as customer_tier, j.simulated, t.effect, t.step, t.kind, t.title, t.instructions, t.reason,
    t.state, t.queue, t.candidate_groups, t.skills, t.excluded, t.assignee, t.priority, t.respond_by, t.due_date,
    t.follow_up_date, t.suspended_at, t.escalate_at, t.escalations, t.offered_to, t.offer_expires_at, t.refused_by,
    t.tool_call, t.draft_kind, t.dispositions, t.notice, t.action, t.disposition, t.revision, t.created_at,
    t.started_at, t.closed_at
from task t join journey j on j.id = t.journey_id join customer c on c.id = j.customer_id;

create view task_outcome as
select
    t.id, t.journey_id, t.kind, t.state, t.action, t.disposition, t.assignee, t.tool_call, t.due_date, t.output, j.customer_id, (
        select c.body from task_comment c
        where c.task_id = t.id and c.author = t.assignee and c.at = t.closed_at order by c.id desc limit 1) as comment,
    -- something happens beside the result: an approved call, a sentence, a note to the AI agent
    t.state = 'completed' and t.action not in ('complete', 'dispose') as sets_free, t.closed_at
from task t join journey j on j.id = t.journey_id;

create view journey_standing as
select
    j.id, (select hash from publication where subject = 'policies' order by id desc limit 1) as bundle,
    c.tier, c.support_needs, c.consents, j.channel, j.language, j.notices, j.simulated, c.verification as verified, c.verified_until,
    (select count(*) from task t where t.journey_id = j.id and t.action in ('accept', 'edit', 'approve')) as approvals,
    j.next_event + j.next_message as told      -- changes with whatever the journey is told
from journey j join customer c on c.id = j.customer_id;

-- Roles ---------------------------------------------------------------------------------------------------------------

do $$
begin
    if not exists (select from pg_roles where rolname = 'journeyman_app') then
        create role journeyman_app login;
    end if;
    if not exists (select from pg_roles where rolname = 'journeyman_integrator') then
        create role journeyman_integrator login;
    end if;
end
$$;

grant select, insert, update on
    subject_key, customer, customer_address, journey, outbox, effect, message, secret_handle, tool_call, calendar,
    person, queue, task, task_comment, handoff, callback to journeyman_app;
grant select, insert on bundle, agent_version, publication, entry_value to journeyman_app;
grant select, insert (journey_id, type, at, body, leaf_hash) on entry to journeyman_app;
grant select, insert, delete on stop_flag to journeyman_app;
grant delete on customer_address to journeyman_app; -- of a customer who is erased
grant select on staff, task_row, task_outcome, journey_standing, leaf, checkpoint to journeyman_app;

grant select on entry to journeyman_integrator;
grant select, insert on leaf, checkpoint to journeyman_integrator;
grant update (published_at) on checkpoint to journeyman_integrator;

-- Whom events are told to: readers of the audit log, each with its place in it. The body is JSON; secrets in it are sealed.
create table receivers (
    id       text collate "C" primary key check (id <> ''),
    kind     text not null check (kind in ('webhook', 'push', 'poll')),
    owner    text collate "C" not null,
    state    text not null check (state in ('enabled', 'paused', 'disabled')),
    position bigint not null check (position >= 0),
    body     bytea not null,
    version  bigint not null check (version >= 1)
);
-- A key has one stream.
create unique index receivers_stream on receivers (owner) where kind <> 'webhook';

-- What is on its way to them. seq is the order of the log.
create table deliveries (
    receiver   text collate "C" not null references receivers on delete cascade,
    seq        bigint not null,
    event      text collate "C" not null,
    type       text not null,
    account    text collate "C" not null,
    body       bytea not null,
    state      text not null check (state in ('due', 'done', 'dead')),
    run_at     timestamptz not null,
    attempt    bigint not null,
    lease      timestamptz,
    status     bigint not null,
    error      text not null,
    queued_at  timestamptz not null,
    settled_at timestamptz,
    primary key (receiver, seq),
    check ((state = 'due') = (settled_at is null))
);
create unique index deliveries_event on deliveries (receiver, event);
create index deliveries_due on deliveries (run_at) where state = 'due';
create index deliveries_line on deliveries (receiver, account, seq) where state = 'due';
create index deliveries_dead on deliveries (receiver, seq) where state = 'dead';
create index deliveries_settled on deliveries (receiver, settled_at) where state <> 'due';

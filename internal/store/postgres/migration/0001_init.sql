-- The first schema.
--
-- Every key begins with the account, so that an engine that spreads tables over machines can keep an account's rows
-- together; what finds an account from outside (an identity, a case's ID, a token's hash) has a unique index that carries
-- the account. There are no foreign keys: rows are written under their account's lock by one writer that names the account,
-- accounts are never deleted, and a check per row would cost more than the row. Zero times and absent bytes are null. IDs
-- compare by bytes, hence the collation.

-- Closed lists are domains, with '' where nothing need be said: the CHECK of a domain is compiled once in a session, that of
-- a table is parsed anew by every statement that writes to it, which costs more than the writing.
create domain external_id as text collate "C" check (char_length(value) between 1 and 128);
create domain account_kind as text check (value in ('personal', 'merchant', 'enterprise_member'));
create domain binding_state as text check (value in ('pending', 'active', 'suspended', 'removed'));
create domain platform as text check (value in ('', 'android', 'ios', 'web'));
create domain goal as text check (value in ('unlink', 'link', 'replace', 'migrate'));
create domain reason as text
    check (value in ('', 'privacy', 'separate', 'conflict', 'theft', 'organisation', 'abroad', 'other'));
create domain stage as text
    check (value in ('open', 'verifying', 'reviewing', 'awaiting_approval', 'ready', 'cooling_off', 'executing', 'guarded', 'closed',
        'frozen', 'cancelled', 'refused', 'expired', 'compensated'));
create domain backup_choice as text check (value in ('', 'made', 'declined'));
create domain upstream_truth as text check (value in ('', 'no_grant', 'user_action_required', 'confirmed'));
create domain challenge_purpose as text check (value in ('case', 'replacement'));
create domain challenge_state as text check (value in ('open', 'claimed', 'passed', 'failed', 'dead'));
create domain effect_kind as text
    check (value in ('participant.prepare', 'participant.commit', 'participant.compensate', 'participant.verify',
        'participant.cleanup', 'provider.probe', 'factor.deliver', 'notify', 'timer'));
create domain effect_state as text check (value in ('due', 'done', 'dead'));

create table accounts (
    id                 text collate "C" primary key,
    external_id        external_id not null,
    kind               account_kind not null,
    region             text not null,
    locale             text not null,
    registered_through text not null,
    created_at         timestamptz not null,
    ways_in            integer not null,
    had_way_in         boolean not null,  -- never goes back to false
    frozen             boolean not null,
    epoch              bigint not null,
    guarded_until      timestamptz,
    version            bigint not null,
    audit_head         bytea not null,
    constraint accounts_external_id unique (external_id),
    -- S14: an account that had a way in never has none.
    constraint accounts_last_way_in check (ways_in > 0 or ways_in = 0 and not had_way_in)
) with (fillfactor = 70);

create table bindings (
    account      text collate "C" not null,
    id           text collate "C" not null,
    provider     text collate "C" not null,
    state        binding_state not null,
    label        text not null,
    verified_at  timestamptz,
    last_used_at timestamptz,
    created_at   timestamptz,
    removed_at   timestamptz,
    subject      bytea,
    union_id     bytea,
    grant_token  bytea,
    idx          bytea not null,
    primary key (account, id)
) with (fillfactor = 85);

-- S7, and the sign-in path: the index answers a look-up without its table.
-- A pending binding claims nothing: whoever only names an identity must not keep its owner from binding it, nor learn from a
-- refusal that somebody has.
create unique index bindings_identity on bindings (provider, idx) include (account, id, state) where state in ('active', 'suspended');

-- The case is in body, in JSON, but for its basis: what it was decided on and what its person was shown, most of it in bytes,
-- which a move hardly ever writes; mark says which basis that is, to whoever has read it before. Beside them stands what the
-- schema checks and what cases are found by. JSON is kept as text, for nothing here looks into it, and the types for it read
-- every value once more.
create table cases (
    account   text collate "C" not null,
    id        text collate "C" not null,
    goal      goal not null,
    platform  platform not null,
    reason    reason not null,
    stage     stage not null,
    resume    stage,
    backup    backup_choice not null,
    upstream  upstream_truth not null,
    version   bigint not null,
    opened_at timestamptz,
    body      text not null,
    basis     text not null,
    mark      uuid not null,
    primary key (account, id)
) with (fillfactor = 70);

-- Where it is long it stands outside of the row as it is: to compress it would cost more than all the rest of a move, and a
-- row that is written anew keeps pointing to it.
alter table cases alter column basis set storage external;

create unique index cases_id on cases (id) include (account);

create table events (
    account  text collate "C" not null,
    case_id  text collate "C" not null,
    seq      bigint not null,
    kind     text not null,
    actor    text not null,
    at       timestamptz not null,
    stage    stage not null,
    data     text,
    primary key (account, case_id, seq)
);

create table challenges (
    account    text collate "C" not null,
    id         text collate "C" not null,
    case_id    text collate "C" not null,
    binding    text not null,
    factor     text not null,
    purpose    challenge_purpose not null,
    state      challenge_state not null,
    guesses    integer not null,
    guess_max  integer not null,
    issued_at  timestamptz,
    expires_at timestamptz,
    epoch      bigint not null,
    pack       text not null,
    public     bytea,
    secret     bytea,
    code       bytea,
    claimant   text not null,
    primary key (account, id)
) with (fillfactor = 80);

create unique index challenges_id on challenges (id) include (account);
create unique index challenges_code on challenges (code) include (account) where code is not null;

create table enrolments (
    account    text collate "C" not null,
    id         text collate "C" not null,
    factor     text not null,
    device     text not null,
    binding    text not null,
    label      text not null,
    created_at timestamptz,
    removed_at timestamptz,
    secret     bytea,
    primary key (account, id)
);

create table devices (
    account    text collate "C" not null,
    id         text collate "C" not null,
    name       text not null,
    platform   platform not null,
    trusted    boolean not null,
    created_at timestamptz,
    last_seen  timestamptz,
    removed_at timestamptz,
    primary key (account, id)
);

create table budgets (
    account text collate "C" not null,
    factor  text collate "C" not null,
    since   timestamptz,
    wrong   integer not null,
    issued  integer not null,
    day     timestamptz,
    hour    timestamptz,
    in_hour integer not null,
    primary key (account, factor)
) with (fillfactor = 80);

-- The outbox. due_at is when an effect may next be taken: its run_at, or the end of its lease. Keys begin with the ID of what
-- asked, so that within the account one key is one decision (S20).
create table effects (
    account    text collate "C" not null,
    id         text collate "C" not null,
    key        text collate "C" not null,
    kind       effect_kind not null,
    case_id    text not null,
    target     text not null,
    subject    text not null,
    payload    bytea,
    run_at     timestamptz not null,
    attempt    integer not null,
    lease      timestamptz,
    last_error text not null,
    state      effect_state not null,
    due_at     timestamptz not null,
    primary key (account, key)
) with (fillfactor = 80);

create index effects_due on effects (state, due_at);

-- S24. arrival grows within an account, because its rows are written one after the other under its lock; position is the
-- place in the Merkle log once the row has one. detail is bytes because its hash is over bytes.
create table audit (
    account  text collate "C" not null,
    seq      bigint not null,
    case_id  text not null,
    actor    text not null,
    verb     text not null,
    at       timestamptz not null,
    detail   bytea,
    prev     bytea not null,
    hash     bytea not null,
    arrival  bigint generated always as identity,
    position bigint,
    primary key (account, seq)
) with (fillfactor = 85);

create index audit_waiting on audit (arrival) where position is null;
create unique index audit_position on audit (position) where position is not null;

create table log_hashes (
    idx  bigint primary key,
    hash bytea not null
);

-- One row, whose lock makes one sequencer at a time.
create table log_head (
    one        boolean primary key check (one),
    size       bigint not null,
    checkpoint bytea
);

insert into log_head (one, size) values (true, 0);

create table sessions (
    account    text collate "C" not null,
    id         text collate "C" not null,
    hash       bytea not null,
    binding    text not null,
    device     text not null,
    platform   platform not null,
    created_at timestamptz,
    expires_at timestamptz,
    ended_at   timestamptz,
    primary key (account, id)
) with (fillfactor = 80);

create unique index sessions_hash on sessions (hash);

create table tickets (
    hash       bytea primary key,
    account    text collate "C" not null,
    device     text not null,
    platform   platform not null,
    next       text not null,
    expires_at timestamptz,
    used_at    timestamptz
);

-- What was answered under an idempotency key. replays counts the times it was said again: saying it again is a write, whose
-- commit waits for whatever the first one's commit waited for (S23).
create table answers (
    caller      text collate "C" not null,
    key         text collate "C" not null,
    fingerprint bytea not null,
    ref         text not null,
    code        text not null,
    detail      bytea,
    replays     bigint not null default 0,
    primary key (caller, key)
) with (fillfactor = 85);

create table keys (
    name       text collate "C" primary key,
    hash       bytea not null,
    scopes     text[],
    created_at timestamptz,
    revoked_at timestamptz
);

-- The accounts a group of verbs is about, from whatever each verb locates its account by. What a case, a challenge, a code or
-- a hand-off belongs to never changes, so this needs no lock.
create function located(accounts text[], cases text[], challenges text[], codes bytea[], tickets bytea[]) returns setof text
language sql stable as $$
    select unnest($1)
    union all select c.account from cases c where c.id = any($2)
    union all select c.account from challenges c where c.id = any($3)
    union all select c.account from challenges c where c.code = any($4)
    union all select t.account from tickets t where t.hash = any($5)
$$;

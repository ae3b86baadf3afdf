-- What a group of verbs writes: at most two statements a table for all of them, rows as one array a column.
--
-- A statement that must hit every row it names ends in "1 / (count(*) = wanted)": where it hit fewer it divides by zero, the
-- commit behind it in the pipeline is never reached, and nothing of the group happened.

-- name: insert_accounts
insert into accounts (id, external_id, kind, region, locale, registered_through, created_at, ways_in, had_way_in, frozen, epoch,
    guarded_until, held_until, factor_removed_at, device_lock, named_only, reminders_off, reviewed_at, remind_at, put_aside, version,
    audit_head, stranded_at)
select id, external_id, kind, region, locale, registered_through, created_at, ways_in, ways_in > 0, frozen, epoch, guarded_until,
    held_until, factor_removed_at, device_lock, named_only, reminders_off, reviewed_at, remind_at, put_aside, version,
    audit_head, stranded_at
from (
    select
        unnest($1::text[]) as id, unnest($2::text[]) as external_id, unnest($3::text[]) as kind, unnest($4::text[]) as region,
        unnest($5::text[]) as locale, unnest($6::text[]) as registered_through, unnest($7::timestamptz[]) as created_at,
        unnest($8::int[]) as ways_in, unnest($9::bool[]) as frozen, unnest($10::bigint[]) as epoch, unnest($11::timestamptz[])
        as guarded_until, unnest($12::timestamptz[]) as held_until, unnest($13::timestamptz[]) as factor_removed_at,
        unnest($14::bool[]) as device_lock, unnest($15::bool[]) as named_only, unnest($16::bool[]) as reminders_off,
        unnest($17::timestamptz[]) as reviewed_at, unnest($18::timestamptz[]) as remind_at, unnest($19::text[]) as put_aside,
        unnest($20::bigint[]) as version, unnest($21::bytea[]) as audit_head, unnest($22::timestamptz[]) as stranded_at) n

-- had_way_in is what the schema holds S14 by: it is let go only where the account is marked as stranded, and is back with the mark gone.
-- name: update_accounts
with hit as (
    update accounts a
    set external_id = n.external_id, kind = n.kind, region = n.region, locale = n.locale,
        registered_through = n.registered_through, created_at = n.created_at, ways_in = n.ways_in,
        had_way_in = (a.had_way_in or a.stranded_at is not null or n.ways_in > 0) and n.stranded_at is null, frozen = n.frozen, epoch = n.epoch, guarded_until = n.guarded_until,
        held_until = n.held_until, factor_removed_at = n.factor_removed_at,
        device_lock = n.device_lock, named_only = n.named_only, reminders_off = n.reminders_off, reviewed_at = n.reviewed_at,
        remind_at = n.remind_at, put_aside = n.put_aside, version = n.version, audit_head = n.audit_head,
        stranded_at = n.stranded_at
    from (
    select
        unnest($1::text[]) as id, unnest($2::text[]) as external_id, unnest($3::text[]) as kind, unnest($4::text[]) as region,
        unnest($5::text[]) as locale, unnest($6::text[]) as registered_through, unnest($7::timestamptz[]) as created_at,
        unnest($8::int[]) as ways_in, unnest($9::bool[]) as frozen, unnest($10::bigint[]) as epoch, unnest($11::timestamptz[])
        as guarded_until, unnest($12::timestamptz[]) as held_until, unnest($13::timestamptz[]) as factor_removed_at,
        unnest($14::bool[]) as device_lock, unnest($15::bool[]) as named_only, unnest($16::bool[]) as reminders_off,
        unnest($17::timestamptz[]) as reviewed_at, unnest($18::timestamptz[]) as remind_at, unnest($19::text[]) as put_aside,
        unnest($20::bigint[]) as version, unnest($21::bytea[]) as audit_head, unnest($22::timestamptz[]) as stranded_at) n
    where a.id = n.id and a.version = n.version - 1
    returning 1)
select 1 / (count(*) = cardinality($1::text[]))::int from hit

-- name: put_bindings
insert into bindings (account, id, provider, state, label, verified_at, last_used_at, created_at, removed_at, subject, union_id,
    grant_token, idx, holder, holder_at, risk_at, sim, sim_at, quick_off, quick_asks, said, said_at)
select
    unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]),
    unnest($6::timestamptz[]), unnest($7::timestamptz[]), unnest($8::timestamptz[]), unnest($9::timestamptz[]),
    unnest($10::bytea[]), unnest($11::bytea[]), unnest($12::bytea[]), unnest($13::bytea[]),
    unnest($14::text[]), unnest($15::timestamptz[]), unnest($16::timestamptz[]), unnest($17::text[]),
    unnest($18::timestamptz[]), unnest($19::bool[]), unnest($20::int[]), unnest($21::text[]), unnest($22::timestamptz[])
on conflict (account, id) do update
set provider = excluded.provider, state = excluded.state, label = excluded.label, verified_at = excluded.verified_at,
    last_used_at = excluded.last_used_at, created_at = excluded.created_at, removed_at = excluded.removed_at,
    subject = excluded.subject, union_id = excluded.union_id, grant_token = excluded.grant_token, idx = excluded.idx,
    holder = excluded.holder, holder_at = excluded.holder_at, risk_at = excluded.risk_at,
    sim = excluded.sim, sim_at = excluded.sim_at, quick_off = excluded.quick_off, quick_asks = excluded.quick_asks,
    said = excluded.said, said_at = excluded.said_at

-- name: put_cases
insert into cases (account, id, goal, platform, reason, stage, resume, backup, upstream, version, opened_at, body, basis, mark)
select account, id, goal, platform, reason, stage, nullif(resume, ''), backup, upstream, version, opened_at, body, basis, mark
from (
    select
        unnest($1::text[]) as account, unnest($2::text[]) as id, unnest($3::text[]) as goal, unnest($4::text[]) as platform,
        unnest($5::text[]) as reason, unnest($6::text[]) as stage, unnest($7::text[]) as resume, unnest($8::text[]) as backup,
        unnest($9::text[]) as upstream, unnest($10::bigint[]) as version, unnest($11::timestamptz[]) as opened_at,
        unnest($12::text[]) as body, unnest($13::text[]) as basis, unnest($14::uuid[]) as mark) n
on conflict (account, id) do update
set goal = excluded.goal, platform = excluded.platform, reason = excluded.reason, stage = excluded.stage, resume = excluded.resume,
    backup = excluded.backup, upstream = excluded.upstream, version = excluded.version, opened_at = excluded.opened_at,
    body = excluded.body, basis = excluded.basis, mark = excluded.mark

-- A case that was read and keeps its basis.
-- name: move_cases
with hit as (
    update cases c
    set goal = n.goal, platform = n.platform, reason = n.reason, stage = n.stage, resume = nullif(n.resume, ''), backup = n.backup,
        upstream = n.upstream, version = n.version, opened_at = n.opened_at, body = n.body
    from (
    select
        unnest($1::text[]) as account, unnest($2::text[]) as id, unnest($3::text[]) as goal, unnest($4::text[]) as platform,
        unnest($5::text[]) as reason, unnest($6::text[]) as stage, unnest($7::text[]) as resume, unnest($8::text[]) as backup,
        unnest($9::text[]) as upstream, unnest($10::bigint[]) as version, unnest($11::timestamptz[]) as opened_at,
        unnest($12::text[]) as body) n
    where c.account = n.account and c.id = n.id
    returning 1)
select 1 / (count(*) = cardinality($1::text[]))::int from hit

-- A history has no gaps: where a change's first event is not the case's first, the one before it must be there.
-- name: add_events
with added as (
    insert into events (account, case_id, seq, kind, actor, at, stage, data)
    select
    unnest($1::text[]), unnest($2::text[]), unnest($3::bigint[]), unnest($4::text[]), unnest($5::text[]),
    unnest($6::timestamptz[]), unnest($7::text[]), unnest($8::text[]))
select 1 / (count(*) = cardinality($1::text[]))::int
from (
    select
        unnest($1::text[]) as account, unnest($2::text[]) as case_id, unnest($3::bigint[]) as seq, unnest($9::bool[]) as first) n
where not n.first or n.seq = 1
   or exists (select from events e where e.account = n.account and e.case_id = n.case_id and e.seq = n.seq - 1)

-- name: put_challenges
insert into challenges (account, id, case_id, binding, factor, purpose, state, guesses, guess_max, issued_at, expires_at, epoch,
    pack, public, secret, code, claimant)
select
    unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]), unnest($6::text[]),
    unnest($7::text[]), unnest($8::int[]), unnest($9::int[]), unnest($10::timestamptz[]), unnest($11::timestamptz[]),
    unnest($12::bigint[]), unnest($13::text[]), unnest($14::bytea[]), unnest($15::bytea[]), unnest($16::bytea[]),
    unnest($17::text[])
on conflict (account, id) do update
set case_id = excluded.case_id, binding = excluded.binding, factor = excluded.factor, purpose = excluded.purpose,
    state = excluded.state, guesses = excluded.guesses, guess_max = excluded.guess_max, issued_at = excluded.issued_at,
    expires_at = excluded.expires_at, epoch = excluded.epoch, pack = excluded.pack, public = excluded.public,
    secret = excluded.secret, code = excluded.code, claimant = excluded.claimant

-- name: put_enrolments
insert into enrolments (account, id, factor, device, binding, label, created_at, removed_at, secret)
select
    unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]), unnest($6::text[]),
    unnest($7::timestamptz[]), unnest($8::timestamptz[]), unnest($9::bytea[])
on conflict (account, id) do update
set factor = excluded.factor, device = excluded.device, binding = excluded.binding, label = excluded.label,
    created_at = excluded.created_at, removed_at = excluded.removed_at, secret = excluded.secret

-- name: put_devices
insert into devices (account, id, name, platform, trusted, created_at, last_seen, removed_at, app_key, app_count, named, lost_at)
select
    unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::bool[]),
    unnest($6::timestamptz[]), unnest($7::timestamptz[]), unnest($8::timestamptz[]), unnest($9::bytea[]), unnest($10::bigint[]),
    unnest($11::bool[]), unnest($12::timestamptz[])
on conflict (account, id) do update
set name = excluded.name, platform = excluded.platform, trusted = excluded.trusted, created_at = excluded.created_at,
    last_seen = excluded.last_seen, removed_at = excluded.removed_at, app_key = excluded.app_key, app_count = excluded.app_count,
    named = excluded.named, lost_at = excluded.lost_at

-- name: put_budgets
insert into budgets (account, factor, since, wrong, issued, day, hour, in_hour)
select
    unnest($1::text[]), unnest($2::text[]), unnest($3::timestamptz[]), unnest($4::int[]), unnest($5::int[]),
    unnest($6::timestamptz[]), unnest($7::timestamptz[]), unnest($8::int[])
on conflict (account, factor) do update
set since = excluded.since, wrong = excluded.wrong, issued = excluded.issued, day = excluded.day, hour = excluded.hour,
    in_hour = excluded.in_hour

-- The same decision asks once (S20): an effect whose key is there already stays as it is.
-- name: add_effects
insert into effects (account, id, key, kind, case_id, target, subject, payload, run_at, attempt, lease, last_error, state, due_at)
select account, id, key, kind, case_id, target, subject, payload, run_at, attempt, null, '', 'due', run_at
from (
    select
        unnest($1::text[]) as account, unnest($2::text[]) as id, unnest($3::text[]) as key, unnest($4::text[]) as kind,
        unnest($5::text[]) as case_id, unnest($6::text[]) as target, unnest($7::text[]) as subject, unnest($8::bytea[]) as
        payload, unnest($9::timestamptz[]) as run_at, unnest($10::int[]) as attempt) n
on conflict (account, key) do nothing

-- S29: only the attempt that was leased last may say how it ended.
-- name: report_effects
with hit as (
    update effects e
    set state = n.state, run_at = coalesce(n.run_at, e.run_at), due_at = coalesce(n.run_at, e.run_at), lease = null,
        last_error = n.last_error
    from (
    select
        unnest($1::text[]) as account, unnest($2::text[]) as id, unnest($3::int[]) as attempt, unnest($4::text[]) as state,
        unnest($5::timestamptz[]) as run_at, unnest($6::text[]) as last_error) n
    where e.account = n.account and e.id = n.id and e.attempt = n.attempt and e.state = 'due'
    returning 1)
select 1 / (count(*) = cardinality($1::text[]))::int from hit

-- name: add_audit
insert into audit (account, seq, case_id, actor, verb, at, detail, prev, hash)
select
    unnest($1::text[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]),
    unnest($6::timestamptz[]), unnest($7::bytea[]), unnest($8::bytea[]), unnest($9::bytea[])

-- Sessions end before new ones are put, so that a verb may end all others; with all of them end the hand-offs that wait.
-- name: end_sessions
with n as (
    select
        unnest($1::text[]) as account, unnest($2::text[]) as binding, unnest($3::bool[]) as every, unnest($4::timestamptz[])
        as at),
waiting as (
    update tickets t set used_at = n.at from n where t.account = n.account and n.every and t.used_at is null)
update sessions s
set ended_at = n.at
from n
where s.account = n.account and (n.every or s.binding = n.binding) and s.ended_at is null

-- name: put_sessions
insert into sessions (account, id, hash, binding, device, platform, created_at, expires_at, ended_at)
select
    unnest($1::text[]), unnest($2::text[]), unnest($3::bytea[]), unnest($4::text[]), unnest($5::text[]), unnest($6::text[]),
    unnest($7::timestamptz[]), unnest($8::timestamptz[]), unnest($9::timestamptz[])
on conflict (account, id) do update
set hash = excluded.hash, binding = excluded.binding, device = excluded.device, platform = excluded.platform,
    created_at = excluded.created_at, expires_at = excluded.expires_at, ended_at = excluded.ended_at

-- Entries are appended, and the account's oldest go: 64 of an account are kept, for 180 days (jieling.SignInsKept, SignInsFor).
-- name: add_sign_ins
with new as (
    select
        unnest($1::text[]) as account, unnest($2::text[]) as id, unnest($3::timestamptz[]) as at, unnest($4::text[]) as binding,
        unnest($5::text[]) as device, unnest($6::text[]) as platform, unnest($7::text[]) as network, unnest($8::bytea[]) as net,
        unnest($9::text[]) as country, unnest($10::text[]) as region, unnest($11::text[]) as point),
gone as (
    delete from sign_ins s using (select account, max(at) as at, count(*) as added from new group by account) n
    where s.account = n.account and (s.at < n.at - interval '180 days' or s.id <= (
        select k.id from sign_ins k where k.account = n.account order by k.id desc offset 64 - n.added limit 1)))
insert into sign_ins (account, id, at, binding, device, platform, network, net, country, region, point)
select account, id, at, binding, device, platform, network, net, country, region, point from new

-- name: put_tickets
insert into tickets (hash, account, device, platform, next, expires_at, used_at)
select
    unnest($1::bytea[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]),
    unnest($6::timestamptz[]), unnest($7::timestamptz[])
on conflict (hash) do update
set device = excluded.device, platform = excluded.platform, next = excluded.next, expires_at = excluded.expires_at,
    used_at = excluded.used_at

-- Two requests under one key meet here: the second waits, fails, and is done again as the replay it is.
-- name: add_answers
insert into answers (caller, key, fingerprint, ref, code, detail)
select
    unnest($1::text[]), unnest($2::text[]), unnest($3::bytea[]), unnest($4::text[]), unnest($5::text[]), unnest($6::bytea[])

-- S23: a replay commits something of its own.
-- name: replay_answers
with hit as (
    update answers a
    set replays = a.replays + 1
    from (
    select
        unnest($1::text[]) as caller, unnest($2::text[]) as key) n
    where a.caller = n.caller and a.key = n.key
    returning 1)
select 1 / (count(*) = cardinality($1::text[]))::int from hit

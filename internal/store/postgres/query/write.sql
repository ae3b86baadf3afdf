-- What a group of verbs writes: at most two statements a table for all of them, rows as one array a column.
--
-- A statement that must hit every row it names ends in "1 / (count(*) = wanted)": where it hit fewer it divides by zero, the
-- commit behind it in the pipeline is never reached, and nothing of the group happened.

-- name: insert_accounts
insert into accounts (id, external_id, kind, region, locale, registered_through, created_at, ways_in, had_way_in, frozen, epoch,
    guarded_until, version, audit_head)
select id, external_id, kind, region, locale, registered_through, created_at, ways_in, ways_in > 0, frozen, epoch, guarded_until,
    version, audit_head
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::int[], $9::bool[],
    $10::bigint[], $11::timestamptz[], $12::bigint[], $13::bytea[])
  n(id, external_id, kind, region, locale, registered_through, created_at, ways_in, frozen, epoch, guarded_until, version, audit_head)

-- name: update_accounts
with hit as (
    update accounts a
    set external_id = n.external_id, kind = n.kind, region = n.region, locale = n.locale,
        registered_through = n.registered_through, created_at = n.created_at, ways_in = n.ways_in,
        had_way_in = a.had_way_in or n.ways_in > 0, frozen = n.frozen, epoch = n.epoch, guarded_until = n.guarded_until,
        version = n.version, audit_head = n.audit_head
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::int[], $9::bool[],
        $10::bigint[], $11::timestamptz[], $12::bigint[], $13::bytea[])
      n(id, external_id, kind, region, locale, registered_through, created_at, ways_in, frozen, epoch, guarded_until, version, audit_head)
    where a.id = n.id and a.version = n.version - 1
    returning 1)
select 1 / (count(*) = cardinality($1::text[]))::int from hit

-- name: put_bindings
insert into bindings (account, id, provider, state, label, verified_at, last_used_at, created_at, removed_at, subject, union_id,
    grant_token, idx)
select *
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[],
    $9::timestamptz[], $10::bytea[], $11::bytea[], $12::bytea[], $13::bytea[])
on conflict (account, id) do update
set provider = excluded.provider, state = excluded.state, label = excluded.label, verified_at = excluded.verified_at,
    last_used_at = excluded.last_used_at, created_at = excluded.created_at, removed_at = excluded.removed_at,
    subject = excluded.subject, union_id = excluded.union_id, grant_token = excluded.grant_token, idx = excluded.idx

-- name: put_cases
insert into cases (account, id, goal, platform, reason, stage, resume, backup, upstream, version, opened_at, body)
select account, id, goal, platform, reason, stage, nullif(resume, ''), backup, upstream, version, opened_at, body
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::bigint[], $11::timestamptz[], $12::jsonb[])
  n(account, id, goal, platform, reason, stage, resume, backup, upstream, version, opened_at, body)
on conflict (account, id) do update
set goal = excluded.goal, platform = excluded.platform, reason = excluded.reason, stage = excluded.stage, resume = excluded.resume,
    backup = excluded.backup, upstream = excluded.upstream, version = excluded.version, opened_at = excluded.opened_at,
    body = excluded.body

-- A history has no gaps: where a change's first event is not the case's first, the one before it must be there.
-- name: add_events
with added as (
    insert into events (account, case_id, seq, kind, actor, at, stage, data)
    select *
    from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::json[], $6::timestamptz[], $7::text[], $8::json[]))
select 1 / (count(*) = cardinality($1::text[]))::int
from unnest($1::text[], $2::text[], $3::bigint[], $9::bool[]) n(account, case_id, seq, first)
where not n.first or n.seq = 1
   or exists (select from events e where e.account = n.account and e.case_id = n.case_id and e.seq = n.seq - 1)

-- name: put_challenges
insert into challenges (account, id, case_id, binding, factor, purpose, state, guesses, guess_max, issued_at, expires_at, epoch,
    pack, public, secret, code, claimant)
select *
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::int[],
    $10::timestamptz[], $11::timestamptz[], $12::bigint[], $13::text[], $14::bytea[], $15::bytea[], $16::bytea[], $17::text[])
on conflict (account, id) do update
set case_id = excluded.case_id, binding = excluded.binding, factor = excluded.factor, purpose = excluded.purpose,
    state = excluded.state, guesses = excluded.guesses, guess_max = excluded.guess_max, issued_at = excluded.issued_at,
    expires_at = excluded.expires_at, epoch = excluded.epoch, pack = excluded.pack, public = excluded.public,
    secret = excluded.secret, code = excluded.code, claimant = excluded.claimant

-- name: put_enrolments
insert into enrolments (account, id, factor, device, binding, label, created_at, removed_at, secret)
select *
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::bytea[])
on conflict (account, id) do update
set factor = excluded.factor, device = excluded.device, binding = excluded.binding, label = excluded.label,
    created_at = excluded.created_at, removed_at = excluded.removed_at, secret = excluded.secret

-- name: put_devices
insert into devices (account, id, name, platform, trusted, created_at, last_seen, removed_at)
select *
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[])
on conflict (account, id) do update
set name = excluded.name, platform = excluded.platform, trusted = excluded.trusted, created_at = excluded.created_at,
    last_seen = excluded.last_seen, removed_at = excluded.removed_at

-- name: put_budgets
insert into budgets (account, factor, since, wrong, issued, day, hour, in_hour)
select *
from unnest($1::text[], $2::text[], $3::timestamptz[], $4::int[], $5::int[], $6::timestamptz[], $7::timestamptz[], $8::int[])
on conflict (account, factor) do update
set since = excluded.since, wrong = excluded.wrong, issued = excluded.issued, day = excluded.day, hour = excluded.hour,
    in_hour = excluded.in_hour

-- The same decision asks once (S20): an effect whose key is there already stays as it is.
-- name: add_effects
insert into effects (account, id, key, kind, case_id, target, subject, payload, run_at, attempt, lease, last_error, state, due_at)
select account, id, key, kind, case_id, target, subject, payload, run_at, attempt, null, '', 'due', run_at
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::timestamptz[],
    $10::int[])
  n(account, id, key, kind, case_id, target, subject, payload, run_at, attempt)
on conflict (key) do nothing

-- S29: only the attempt that was leased last may say how it ended.
-- name: report_effects
with hit as (
    update effects e
    set state = n.state, run_at = coalesce(n.run_at, e.run_at), due_at = coalesce(n.run_at, e.run_at), lease = null,
        last_error = n.last_error
    from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::timestamptz[], $6::text[])
      n(account, id, attempt, state, run_at, last_error)
    where e.account = n.account and e.id = n.id and e.attempt = n.attempt and e.state = 'due'
    returning 1)
select 1 / (count(*) = cardinality($1::text[]))::int from hit

-- name: add_audit
insert into audit (account, seq, case_id, actor, verb, at, detail, prev, hash)
select *
from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bytea[], $8::bytea[], $9::bytea[])

-- Sessions end before new ones are put, so that a verb may end all others. A null binding ends all.
-- name: end_sessions
update sessions s
set ended_at = n.at
from unnest($1::text[], $2::text[], $3::bool[], $4::timestamptz[]) n(account, binding, every, at)
where s.account = n.account and (n.every or s.binding = n.binding) and s.ended_at is null

-- name: put_sessions
insert into sessions (account, id, hash, binding, device, platform, created_at, expires_at, ended_at)
select *
from unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[],
    $9::timestamptz[])
on conflict (account, id) do update
set hash = excluded.hash, binding = excluded.binding, device = excluded.device, platform = excluded.platform,
    created_at = excluded.created_at, expires_at = excluded.expires_at, ended_at = excluded.ended_at

-- name: put_tickets
insert into tickets (hash, account, device, platform, next, expires_at, used_at)
select *
from unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[])
on conflict (hash) do update
set device = excluded.device, platform = excluded.platform, next = excluded.next, expires_at = excluded.expires_at,
    used_at = excluded.used_at

-- Two requests under one key meet here: the second waits, fails, and is done again as the replay it is.
-- name: add_answers
insert into answers (caller, key, fingerprint, ref, code, detail)
select *
from unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::text[], $6::bytea[])

-- S23: a replay commits something of its own.
-- name: replay_answers
with hit as (
    update answers a
    set replays = a.replays + 1
    from unnest($1::text[], $2::text[]) n(caller, key)
    where a.caller = n.caller and a.key = n.key
    returning 1)
select 1 / (count(*) = cardinality($1::text[]))::int from hit

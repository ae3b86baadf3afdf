-- What is read and written outside of verbs.

-- Who many identities open, in one query. idx is unique among bindings that are live: active or suspended. The
-- limits keep the planner from turning the join round while the tables are small.
-- The devices are looked at where an account asks for it and nowhere else.
-- name: resolve
select n.ord, b.account, b.id, b.state, b.said, b.quick_off, b.quick_asks, a.frozen, a.epoch, a.guarded_until, a.device_lock, a.named_only, a.let_in, clock_timestamp()
from (select unnest($1::text[]) as provider, unnest($2::bytea[]) as idx, generate_series(1, cardinality($1::text[])) as ord) n
cross join lateral (
    select account, id, state, said, quick_off, quick_asks from bindings b
    where b.provider = n.provider and b.idx = n.idx and b.state in ('active', 'suspended') limit 1) b
cross join lateral (
    select frozen, epoch, guarded_until, device_lock, named_only,
        case when device_lock or named_only then (
            select string_agg(d.id, ' ') from devices d
            where d.account = accounts.id and d.removed_at is null and d.lost_at is null and (d.named or not accounts.named_only)) end as let_in
    from accounts where id = b.account limit 1) a

-- name: unlinked
select account, id from bindings
where provider = $1 and idx = $2 and state = 'removed' and subject is not null
order by removed_at desc limit 1

-- Accounts with their bindings: what most reads are, in one statement and so in one view without a transaction.
-- name: load_accounts
select a.id, a.external_id, a.kind, a.region, a.locale, a.registered_through, a.created_at, a.ways_in, a.frozen, a.epoch,
       a.guarded_until, a.held_until, a.factor_removed_at, a.device_lock, a.named_only, a.reminders_off, a.reviewed_at, a.remind_at,
       a.put_aside, a.version, a.audit_head, a.stranded_at,
       b.account, b.id, b.provider, b.state, b.label, b.verified_at, b.last_used_at, b.created_at, b.removed_at, b.subject,
       b.union_id, b.grant_token, b.idx, b.holder, b.holder_at, b.risk_at, b.sim, b.sim_at, b.quick_off, b.quick_asks,
       b.said, b.said_at, clock_timestamp()
from accounts a
left join bindings b on b.account = a.id and b.state <> 'removed'
where a.id = any($1::text[])
order by a.id, b.created_at, b.id

-- Rows that another worker holds are passed over; the clock is a sub-query so that the index can be searched by it.
-- name: claim
with clock as materialized (select clock_timestamp() + $1::interval as now),
due as (
    select e.account, e.id
    from effects e
    where e.state = 'due' and e.due_at <= (select now from clock)
    order by e.due_at
    limit $3
    for update skip locked),
claimed as (
    update effects e
    set attempt = e.attempt + 1, lease = c.now + $2::interval, due_at = c.now + $2::interval
    from due d, clock c
    where e.account = d.account and e.id = d.id
    returning e.account, e.id, e.key, e.kind, e.case_id, e.target, e.subject, e.payload, e.run_at, e.attempt, e.lease,
              e.last_error, e.state)
select * from claimed order by run_at, id

-- name: list_effects
select account, id, key, kind, case_id, target, subject, payload, run_at, attempt, lease, last_error, state
from effects
where state = $1 and ($2 = '' or account = $2)
order by run_at, id
limit $3

-- name: find_account
select id from accounts where external_id = $1

-- name: list_cases
select body, case when mark <> all($3::uuid[]) then basis end, mark
from cases
where account = $1
order by opened_at desc, id desc
limit $2

-- name: list_events
select e.case_id, e.seq, e.kind, e.actor, e.at, e.stage, e.data
from cases c
join events e on e.account = c.account and e.case_id = c.id
where c.id = $1 and e.seq > $2
order by e.seq

-- The newest cases by the index of their IDs, which sort by age.
-- name: list_openings
select e.case_id, e.seq, e.kind, e.actor, e.at, e.stage, e.data
from (select account, id from cases where id < $1 order by id desc limit $2) c
join events e on e.account = c.account and e.case_id = c.id and e.seq = 1
order by c.id desc

-- name: find_session
select s.account, s.id, s.hash, s.binding, s.device, s.platform, s.created_at, s.expires_at, s.ended_at, a.frozen
from sessions s
join accounts a on a.id = s.account
where s.hash = $1 and s.ended_at is null and s.expires_at > (select clock_timestamp() + $2::interval)

-- name: list_keys
select name, hash, scopes, created_at, revoked_at from keys where revoked_at is null order by name

-- name: put_key
insert into keys (name, hash, scopes, created_at, revoked_at)
values ($1, $2, $3, $4, $5)
on conflict (name) do update
set hash = excluded.hash, scopes = excluded.scopes, created_at = excluded.created_at, revoked_at = excluded.revoked_at

-- name: list_accounts
select id from accounts where id > $1 order by id limit $2

-- name: ping
select 1

-- What a group of verbs looks at. $1 to $5 are always the ways its accounts are located (see located in the schema).

-- name: begin
begin isolation level read committed

-- name: commit
commit

-- name: rollback
rollback

-- One view for several statements, for those who read without a lock.
-- name: begin_view
begin isolation level repeatable read, read only

-- name: clock
select clock_timestamp()

-- The lock of everything. It stands alone: under READ COMMITTED a statement that locks and counts counts in the snapshot it
-- took before it waited, while a statement after this one sees all that the former holder of the lock committed. The order
-- keeps two groups from waiting for each other. The rows it returns are those that were locked, as they are now.
-- name: lock_accounts
select id, external_id, kind, region, locale, registered_through, created_at, ways_in, frozen, epoch, guarded_until, held_until, factor_removed_at,
       device_lock, named_only, reminders_off, reviewed_at, remind_at, put_aside, version, audit_head, stranded_at
from accounts
where id = any(array(select l from located($1, $2, $3, $4, $5) l))
order by id
for update

-- name: read_accounts
select id, external_id, kind, region, locale, registered_through, created_at, ways_in, frozen, epoch, guarded_until, held_until, factor_removed_at,
       device_lock, named_only, reminders_off, reviewed_at, remind_at, put_aside, version, audit_head, stranded_at
from accounts
where id = any(array(select l from located($1, $2, $3, $4, $5) l))

-- name: read_bindings
select account, id, provider, state, label, verified_at, last_used_at, created_at, removed_at, subject, union_id, grant_token, idx,
       holder, holder_at, risk_at, sim, sim_at, quick_off, quick_asks, said, said_at
from bindings
where account = any(array(select l from located($1, $2, $3, $4, $5) l)) and (state <> 'removed' or $6)
order by account, created_at, id

-- Cases that are named: by their own ID, or by that or the code of a challenge of theirs. A basis that is known by its mark
-- ($4) is left where it is, out of line.
-- name: read_cases
select c.body, case when c.mark <> all($4::uuid[]) then c.basis end, c.mark
from cases c
where c.id = any(array(
    select unnest($1::text[])
    union all select h.case_id from challenges h where h.id = any($2::text[])
    union all select h.case_id from challenges h where h.code = any($3::bytea[])))

-- name: read_open_cases
select body, case when mark <> all($6::uuid[]) then basis end, mark
from cases
where account = any(array(select l from located($1, $2, $3, $4, $5) l))
  and stage not in ('closed', 'cancelled', 'refused', 'expired', 'compensated')
order by opened_at, id

-- name: read_challenges
select account, id, case_id, binding, factor, purpose, state, guesses, guess_max, issued_at, expires_at, epoch, pack, public,
       secret, code, claimant
from challenges
where id = any($1::text[])
union all
select account, id, case_id, binding, factor, purpose, state, guesses, guess_max, issued_at, expires_at, epoch, pack, public,
       secret, code, claimant
from challenges
where code = any($2::bytea[])

-- name: read_live_challenges
select account, id, case_id, binding, factor, purpose, state, guesses, guess_max, issued_at, expires_at, epoch, pack, public,
       secret, code, claimant
from challenges
where account = any(array(select l from located($1, $2, $3, $4, $5) l)) and state in ('open', 'claimed')
order by issued_at, id

-- name: read_enrolments
select account, id, factor, device, binding, label, created_at, removed_at, secret
from enrolments
where account = any(array(select l from located($1, $2, $3, $4, $5) l)) and removed_at is null
order by created_at, id

-- name: read_devices
select account, id, name, platform, trusted, created_at, last_seen, removed_at, app_key, app_count, named, lost_at
from devices
where account = any(array(select l from located($1, $2, $3, $4, $5) l)) and removed_at is null
order by created_at, id

-- What has run out by the server's clock is left behind here; by the store's own, which may be ahead of it, by the reader.
-- name: read_sessions
select s.account, s.id, s.hash, s.binding, s.device, s.platform, s.created_at, s.expires_at, s.ended_at, a.frozen
from sessions s
join accounts a on a.id = s.account
where s.account = any(array(select l from located($1, $2, $3, $4, $5) l)) and s.ended_at is null and s.expires_at > clock_timestamp()
order by s.created_at desc, s.id desc

-- name: read_sign_ins
select account, id, at, binding, device, platform, network, net, country, region, point
from sign_ins
where account = any(array(select l from located($1, $2, $3, $4, $5) l))
order by account, id desc

-- name: read_budgets
select account, factor, since, wrong, issued, day, hour, in_hour
from budgets
where account = any(array(select l from located($1, $2, $3, $4, $5) l))
order by factor

-- name: read_tickets
select hash, account, device, platform, next, expires_at, used_at
from tickets
where hash = any($1::bytea[])

-- name: read_effects
select account, id, key, kind, case_id, target, subject, payload, run_at, attempt, lease, last_error, state
from effects
where account = any(array(select l from located($1, $2, $3, $4, $5) l)) and id = any($6::text[])

-- The limit keeps the planner from turning the join round: a plan made while the table was empty would read it whole, and go
-- on doing so while it grows.
-- name: read_answers
select a.caller, a.key, a.fingerprint, a.ref, a.code, a.detail
from (select unnest($1::text[]) as caller, unnest($2::text[]) as key) n
cross join lateral (select * from answers a where a.caller = n.caller and a.key = n.key limit 1) a

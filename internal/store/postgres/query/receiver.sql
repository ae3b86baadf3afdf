-- Whom events are told to, and what is on its way to them.

-- name: read_feed
select a.account, a.seq, a.case_id, a.actor, a.verb, a.at, a.detail, a.prev, a.hash, o.external_id
from (select * from audit where position >= $1 order by position limit $2) a
join accounts o on o.id = a.account
order by a.position

-- name: list_receivers
select r.id, r.kind, r.owner, r.state, r.position, r.body, r.version,
    (select size from log_head where one) - r.position,
    (select count(*) from (select 1 from deliveries d where d.receiver = r.id and d.state = 'due' limit $1) n),
    (select count(*) from (select 1 from deliveries d where d.receiver = r.id and d.state = 'dead' limit $1) n)
from receivers r order by r.id

-- name: add_receiver
insert into receivers (id, kind, owner, state, position, body, version)
select $1, $2, $3, $4, size, $6, $7 from log_head where one and $5::bigint is not null
returning id

-- name: change_receiver
update receivers set kind = $2, owner = $3, state = $4, body = $6, version = $7,
    position = case when $5::bigint < 0 then (select size from log_head where one) else position end
where id = $1 and version = $7 - 1
returning id

-- name: drop_receiver
delete from receivers where id = $1 returning id

-- One statement and so one transaction: what is not moved on gets nothing on its queue.
-- name: enqueue
with clock as materialized (select clock_timestamp() + $4::interval as now),
moved as (update receivers set position = $3 where id = $1 and position = $2 and state = 'enabled' returning id),
forgotten as (delete from deliveries where receiver = $1 and state <> 'due' and settled_at < (select now from clock) - $5::interval),
added as (
    insert into deliveries (receiver, seq, event, type, account, body, state, run_at, attempt, lease, status, error, queued_at, settled_at)
    select m.id, n.seq, n.event, n.type, n.account, n.body, 'due', c.now, 0, null, 0, '', c.now, null
    from moved m, clock c, unnest($6::bigint[], $7::text[], $8::text[], $9::text[], $10::bytea[]) n(seq, event, type, account, body))
select id from moved

-- Of a receiver's deliveries about one account only the oldest that waits may go (S25). Who sees an older one as waiting that has
-- just gone passes over its followers, and comes again.
-- name: claim_deliveries
with clock as materialized (select clock_timestamp() + $1::interval as now),
due as (
    select d.receiver, d.seq
    from deliveries d
    where d.state = 'due' and d.run_at <= (select now from clock) and (d.lease is null or d.lease <= (select now from clock))
      and exists (select 1 from receivers r where r.id = d.receiver and r.state = 'enabled' and r.kind <> 'poll')
      and not exists (
        select 1 from deliveries e where e.receiver = d.receiver and e.account = d.account and e.seq < d.seq and e.state = 'due')
    order by d.run_at, d.seq
    limit $3
    for update of d skip locked)
update deliveries d
set attempt = d.attempt + 1, lease = c.now + $2::interval
from due u, clock c
where d.receiver = u.receiver and d.seq = u.seq
returning d.receiver, d.seq, d.event, d.type, d.account, d.body, d.state, d.run_at, d.attempt, d.lease, d.status, d.error, d.queued_at, d.settled_at

-- name: settle_delivery
with clock as materialized (select clock_timestamp() + $1::interval as now)
update deliveries set state = $2::text, run_at = c.now + $3::interval, status = $4, error = $5,
    settled_at = case when $2::text <> 'due' then c.now end, lease = null
from clock c
where receiver = $6 and event = $7 and state = $8::text and ($9::bigint = 0 or attempt = $9)
returning event

-- name: list_deliveries
select receiver, seq, event, type, account, body, state, run_at, attempt, lease, status, error, queued_at, settled_at
from deliveries where receiver = $1 and ($2::text = '' or state = $2::text) and ($3::bigint = 0 or seq < $3) order by seq desc limit $4

-- name: oldest_deliveries
select receiver, seq, event, type, account, body, state, run_at, attempt, lease, status, error, queued_at, settled_at
from deliveries where receiver = $1 and ($2::text = '' or state = $2::text) order by seq limit $3

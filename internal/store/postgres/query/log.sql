-- The Merkle log over the audit rows (S24).

-- name: lock_log
select size from log_head where one for update

-- name: read_waiting
select account, seq, case_id, actor, verb, at, detail, prev, hash
from audit
where position is null
order by arrival
limit $1

-- name: read_hashes
select idx, hash from log_hashes where idx = any($1::bigint[])

-- name: add_hashes
insert into log_hashes (idx, hash) select * from unnest($1::bigint[], $2::bytea[])

-- name: place_audit
with hit as (
    update audit a
    set position = n.position
    from unnest($1::text[], $2::bigint[], $3::bigint[]) n(account, seq, position)
    where a.account = n.account and a.seq = n.seq and a.position is null
    returning 1)
select 1 / (count(*) = cardinality($1::text[]))::int from hit

-- name: grow_log
update log_head set size = $1, checkpoint = $2 where one

-- name: read_log
select account, seq, case_id, actor, verb, at, detail, prev, hash
from audit
where position >= $1
order by position
limit $2

-- name: read_head
select checkpoint from log_head where one

-- name: read_all_hashes
select hash from log_hashes order by idx

-- name: read_chain
select account, seq, case_id, actor, verb, at, detail, prev, hash from audit where account = $1 order by seq

-- name: read_tail
select account, seq, case_id, actor, verb, at, detail, prev, hash from audit where account = $1 and seq < $2 order by seq desc limit $3

-- name: read_chain_head
select audit_head from accounts where id = $1

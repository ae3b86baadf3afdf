-- Organisations, who belongs to them, and the devices that they manage.

-- name: read_organisations
select body, roots, revoked from organisations
where keeper = any(array(select l from located($1, $2, $3, $4, $5) l))
   or id = any(array(select m.organisation from members m where m.account = any(array(select l from located($1, $2, $3, $4, $5) l)) and m.ended_at is null))

-- name: read_memberships
select account, organisation, role, was, since, ended_at from members
where account = any(array(select l from located($1, $2, $3, $4, $5) l)) and ended_at is null

-- name: read_managed
select account, device, organisation, compliant, reported_at, fingerprint, certified_to from managed_devices
where account = any(array(select l from located($1, $2, $3, $4, $5) l))
order by account, device

-- name: find_organisation
select body, roots, revoked from organisations where id = $1

-- name: list_organisations
select body, roots, revoked from organisations where id > $1 order by id limit $2

-- name: list_members
select m.account, m.organisation, m.role, m.was, m.since, m.ended_at, a.external_id, a.ways_in
from members m join accounts a on a.id = m.account
where m.organisation = $1 and m.ended_at is null and m.account > $2
order by m.account limit $3

-- name: list_managed
select g.account, g.device, g.organisation, g.compliant, g.reported_at, g.fingerprint, g.certified_to, d.name, d.platform
from managed_devices g join devices d on d.account = g.account and d.id = g.device
where g.organisation = $1 and d.removed_at is null
order by g.account, g.device limit $2

-- name: list_asked
select c.account, c.id, c.case_id, c.binding, c.factor, c.purpose, c.state, c.guesses, c.guess_max, c.issued_at, c.expires_at, c.epoch, c.pack, c.public,
       c.secret, c.code, c.claimant
from challenges c join members m on m.account = c.account
where m.organisation = $1 and m.ended_at is null and c.factor = $2 and c.state = 'open'
order by c.issued_at, c.id limit $3

-- name: put_organisations
insert into organisations (id, keeper, body, roots, revoked)
select unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[])
on conflict (id) do update set body = excluded.body, roots = excluded.roots, revoked = excluded.revoked

-- name: put_members
insert into members (account, organisation, role, was, since, ended_at)
select unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::timestamptz[]), unnest($6::timestamptz[])
on conflict (account) do update
set organisation = excluded.organisation, role = excluded.role, was = excluded.was, since = excluded.since, ended_at = excluded.ended_at

-- name: put_managed
insert into managed_devices (account, device, organisation, compliant, reported_at, fingerprint, certified_to)
select
    unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::boolean[]), unnest($5::timestamptz[]), unnest($6::bytea[]),
    unnest($7::timestamptz[])
on conflict (account, device) do update
set organisation = excluded.organisation, compliant = excluded.compliant, reported_at = excluded.reported_at, fingerprint = excluded.fingerprint,
    certified_to = excluded.certified_to

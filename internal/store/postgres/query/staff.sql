-- Who works with this service, and guesses at their sign-in.

-- name: list_staff
select name, role, password, totp, step, session, signed_in_at, seen_at, created_at, disabled_at, account, version, clock_timestamp() + $1::interval
from staff order by name

-- name: add_staff
insert into staff (name, role, password, totp, step, session, signed_in_at, seen_at, created_at, disabled_at, account, version)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
returning name

-- name: change_staff
update staff set role = $2, password = $3, totp = $4, step = $5, session = $6, signed_in_at = $7, seen_at = $8, created_at = $9, disabled_at = $10,
    account = $11, version = $12
where name = $1 and version = $12 - 1
returning name

-- Refused guesses leave the time alone: it is that of the last one that was compared, so that no window ever holds more.
-- name: reserve_guess
with clock as materialized (select clock_timestamp() + $2::interval as now),
gone as (delete from staff_guesses where at <= (select now - $3::interval from clock) and who <> $1)
insert into staff_guesses as g (who, made, at) select $1, 1, now from clock
on conflict (who) do update set
    made = case when g.at <= excluded.at - $3::interval then 1 else g.made + 1 end,
    at = case when g.at <= excluded.at - $3::interval or g.made < $4 then excluded.at else g.at end
returning made

-- name: forget_guesses
delete from staff_guesses where who = $1 returning made

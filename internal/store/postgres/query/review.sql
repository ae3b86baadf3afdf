-- What staff make of challenges, and what people handed in for it.

-- name: read_reviews
select body from reviews
where case_id = any($2::text[]) or case_id = any(array(select c.case_id from challenges c where c.id = any($1::text[])))
order by challenge

-- name: put_reviews
insert into reviews (account, challenge, case_id, state, due_at, body)
select unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::timestamptz[]), unnest($6::bytea[])
on conflict (account, challenge) do update
set case_id = excluded.case_id, state = excluded.state, due_at = excluded.due_at, body = excluded.body

-- name: erase_evidence
delete from evidence where challenge = any($1::text[])

-- name: add_evidence
insert into evidence (challenge, n, account, content)
select unnest($1::text[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::bytea[])

-- name: list_reviews
select body from reviews
where state = 'waiting' and ($1::text = '' or (due_at, challenge) > (select r.due_at, r.challenge from reviews r where r.challenge = $1::text))
order by due_at, challenge limit $2

-- name: read_evidence
select content from evidence where challenge = $1 and n = $2

-- What staff make of a challenge. The body is the review in JSON; what is looked for or checked stands beside it.
create table reviews (
    account   text collate "C" not null,
    challenge text collate "C" not null,
    case_id   text collate "C" not null,
    state     text not null check (state in ('waiting', 'asked', 'refused', 'passed', 'withdrawn', 'void')),
    due_at    timestamptz not null,
    body      bytea not null,
    primary key (account, challenge)
);
create index reviews_queue on reviews (due_at, challenge) where state = 'waiting';
create index reviews_challenge on reviews (challenge);
create index reviews_case on reviews (case_id);

-- What people handed in for it, sealed: here for a short time, and in nothing else.
create table evidence (
    challenge text collate "C" not null,
    n         bigint not null check (n between 0 and 3),
    account   text collate "C" not null,
    content   bytea not null check (length(content) > 0),
    primary key (challenge, n)
);

-- Whose own account a member of staff has at the product.
alter table staff add column account text not null default '';

-- Who works with this service. A session is a part of its owner's row, so that there is at most one.
create table staff (
    name         text collate "C" primary key check (length(name) between 1 and 64),
    role         text not null check (role in ('reviewer', 'operator')),
    password     text not null check (password <> ''),
    totp         bytea not null check (length(totp) > 0),
    step         bigint not null,
    session      bytea unique check (length(session) = 32),
    signed_in_at timestamptz,
    seen_at      timestamptz,
    created_at   timestamptz not null,
    disabled_at  timestamptz,
    version      bigint not null check (version > 0),
    check ((session is null) = (signed_in_at is null) and (session is null) = (seen_at is null)),
    check (session is null or disabled_at is null)
);

-- Guesses at sign-ins that are still counted, by what a name was hashed to: whether anybody has it or not (S27).
create table staff_guesses (
    who  bytea primary key check (length(who) = 32),
    made bigint not null,
    at   timestamptz not null
);
create index staff_guesses_at on staff_guesses (at);

-- Organisations, who belongs to them, and the devices that they manage. An organisation is written under the lock of the account that keeps
-- it, whose audit chain has what happens to it.
create table organisations (
    id      text collate "C" primary key check (id <> ''),
    keeper  text collate "C" not null unique,
    body    text not null,
    roots   text not null,
    revoked text not null
);

create table members (
    account      text collate "C" primary key,
    organisation text collate "C" not null references organisations,
    role     text not null check (role in ('member', 'admin')),
    was          text not null check (was in ('personal', 'merchant', 'enterprise_member')),
    since        timestamptz not null,
    ended_at     timestamptz
);
create index members_organisation on members (organisation, account) where ended_at is null;

create table managed_devices (
    account      text collate "C" not null,
    device       text collate "C" not null check (device <> ''),
    organisation text collate "C" not null references organisations,
    compliant    boolean not null,
    reported_at  timestamptz not null,
    fingerprint  bytea check (length(fingerprint) = 32),
    certified_to timestamptz,
    primary key (account, device)
);
create index managed_devices_organisation on managed_devices (organisation, account, device);

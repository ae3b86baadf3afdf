-- The sign-in history: appended to, bounded for each account, and without an address. net is a keyed hash of the network.
create domain network_level as text check (value in ('known', 'unknown', 'public'));
create domain holder_answer as text check (value in ('', 'same', 'new', 'changed', 'invalid'));

create table sign_ins (
    account  text collate "C" not null,
    id       text collate "C" not null,
    at       timestamptz not null,
    binding  text not null,
    device   text not null,
    platform platform not null,
    network  network_level not null,
    net      bytea check (length(net) = 32),
    country  text not null,
    region   text not null,
    point    text not null,
    primary key (account, id)
);

-- What carriers and providers last said of an identity.
alter table bindings
    add column holder    holder_answer not null default '',
    add column holder_at timestamptz,
    add column risk_at   timestamptz;

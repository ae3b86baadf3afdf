-- The key of an app on a device, where its platform has such a thing (App Attest), with its last counter: it only rises.
alter table devices
    add column app_key   bytea,
    add column app_count bigint not null default 0 check (app_count between 0 and 4294967295);

-- What a provider last said of an identity, and since when an account has no way in because one took its last away.
create domain notice_kind as text
    check (value in ('', 'consent_withdrawn', 'account_deleted', 'account_disabled', 'account_hijacked', 'member_left', 'account_enabled'));
alter table bindings
    add column said    notice_kind not null default '',
    add column said_at timestamptz;
alter table accounts add column stranded_at timestamptz;

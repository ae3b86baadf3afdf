-- What owners decide of how their accounts may be entered, and the devices it concerns.
alter table accounts
    add column device_lock boolean not null default false,
    add column named_only boolean not null default false,
    add column reminders_off boolean not null default false,
    add column reviewed_at timestamptz,
    add column remind_at timestamptz,
    add column put_aside text not null default '';
alter table devices
    add column named boolean not null default false,
    add column lost_at timestamptz;
-- What is asked of participants besides the saga: a switch to be set.
alter domain effect_kind drop constraint effect_kind_check;
alter domain effect_kind add constraint effect_kind_check
    check (value in ('participant.prepare', 'participant.commit', 'participant.compensate', 'participant.verify',
        'participant.cleanup', 'participant.switch', 'provider.probe', 'factor.deliver', 'notify', 'timer'));

-- A playbook keeps quick sign-in off: this login opens nothing, and how many playbooks of the account ask the others for more.
alter table bindings
    add column quick_off  boolean not null default false,
    add column quick_asks integer not null default 0 check (quick_asks >= 0);

-- Steps of a playbook are found out about.
alter domain effect_kind drop constraint effect_kind_check;
alter domain effect_kind add constraint effect_kind_check
    check (value in ('participant.prepare', 'participant.commit', 'participant.compensate', 'participant.verify', 'participant.cleanup',
        'participant.switch', 'provider.probe', 'playbook.check', 'factor.deliver', 'notify', 'timer'));

-- A third role.
alter table staff
    drop constraint staff_role_check,
    add constraint staff_role_check check (role in ('reviewer', 'operator', 'auditor'));

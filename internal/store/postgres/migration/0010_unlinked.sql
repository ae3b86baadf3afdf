-- Who has lost a login to a thief can still name it, as long as it can be put back. What is forgotten (a closed case's, or one that was
-- only ever named) has no subject and is not found. There are as many rows as removals within a day or so.
create index bindings_unlinked on bindings (provider, idx) where state = 'removed' and subject is not null;

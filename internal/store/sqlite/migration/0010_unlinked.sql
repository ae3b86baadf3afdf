-- Who has lost a login to a thief can still name it, as long as it can be put back. What is forgotten (a closed case's, or one that was
-- only ever named) has no subject and is not found. There are as many rows as removals within a day or so.
CREATE INDEX bindings_unlinked ON bindings (provider, idx) WHERE state = 'removed' AND subject IS NOT NULL;

-- Until when the account's owner, or whoever holds a number of theirs, asked that nothing be changed.
alter table accounts add column held_until timestamptz;

-- Until when the account's owner, or whoever holds a number of theirs, asked that nothing be changed.
ALTER TABLE accounts ADD COLUMN held_until INTEGER;

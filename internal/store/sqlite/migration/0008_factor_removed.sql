-- When a way of verifying went last.
ALTER TABLE accounts ADD COLUMN factor_removed_at INTEGER;

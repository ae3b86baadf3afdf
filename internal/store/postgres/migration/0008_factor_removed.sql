-- When a way of verifying went last.
alter table accounts add column factor_removed_at timestamptz;

-- name: account
SELECT id, external_id, kind, region, locale, registered_through, created_at, ways_in, frozen, epoch, guarded_until, version,
       audit_head
FROM accounts WHERE id = ?

-- name: find account
SELECT id FROM accounts WHERE external_id = ?

-- name: accounts
SELECT id FROM accounts WHERE id > ? ORDER BY id LIMIT ?

-- A new account begins at version 0, without a way in; "put account" then makes its first transition like every other.
-- name: add account
INSERT INTO accounts (id, external_id, kind, region, locale, registered_through, created_at, ways_in, had_way_in, frozen, epoch,
                      version, audit_head)
VALUES (?, ?, ?, '', '', '', ?, 0, 0, 0, 0, 0, zeroblob(32))

-- The guard of S14. It runs after the bindings were written, counts them itself and believes the smaller count; the table
-- refuses the row when that leaves nothing to who had something.
-- name: put account
UPDATE accounts SET
  external_id = ?, kind = ?, region = ?, locale = ?, registered_through = ?, created_at = ?,
  ways_in = min(?, (SELECT count(*) FROM bindings WHERE account = accounts.id AND state = 'active')),
  had_way_in = had_way_in OR EXISTS (SELECT 1 FROM bindings WHERE account = accounts.id AND state = 'active'),
  frozen = ?, epoch = ?, guarded_until = ?, version = ?, audit_head = ?
WHERE id = ? AND version = ?

-- name: bindings
SELECT id, account, provider, state, label, verified_at, last_used_at, created_at, removed_at, subject, union_id, grant_held, idx
FROM bindings WHERE account = ? AND state <> 'removed'

-- name: bindings with removed
SELECT id, account, provider, state, label, verified_at, last_used_at, created_at, removed_at, subject, union_id, grant_held, idx
FROM bindings WHERE account = ?

-- name: put binding
INSERT INTO bindings (id, account, provider, state, label, verified_at, last_used_at, created_at, removed_at, subject, union_id,
                      grant_held, idx)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account, id) DO UPDATE SET
  provider = excluded.provider, state = excluded.state, label = excluded.label, verified_at = excluded.verified_at,
  last_used_at = excluded.last_used_at, created_at = excluded.created_at, removed_at = excluded.removed_at,
  subject = excluded.subject, union_id = excluded.union_id, grant_held = excluded.grant_held, idx = excluded.idx

-- name: resolve
SELECT b.account, b.id, b.state, a.frozen, a.epoch, a.guarded_until
FROM bindings b JOIN accounts a ON a.id = b.account
WHERE b.provider = ? AND b.idx = ? AND b.state <> 'removed'

-- name: devices
SELECT id, account, name, platform, trusted, created_at, last_seen, removed_at
FROM devices WHERE account = ? AND removed_at IS NULL ORDER BY id

-- name: put device
INSERT INTO devices (id, account, name, platform, trusted, created_at, last_seen, removed_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account, id) DO UPDATE SET
  name = excluded.name, platform = excluded.platform, trusted = excluded.trusted, created_at = excluded.created_at,
  last_seen = excluded.last_seen, removed_at = excluded.removed_at

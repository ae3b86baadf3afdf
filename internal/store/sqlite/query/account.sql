-- name: account
SELECT id, external_id, kind, region, locale, registered_through, created_at, ways_in, frozen, epoch, guarded_until, held_until,
       factor_removed_at, device_lock, named_only, reminders_off, reviewed_at, remind_at, put_aside, version, audit_head, stranded_at
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
-- refuses the row when that leaves nothing to who had something. had_way_in is let go only where the account is marked as stranded, and is
-- back with the mark gone.
-- name: put account
UPDATE accounts SET
  external_id = ?, kind = ?, region = ?, locale = ?, registered_through = ?, created_at = ?,
  ways_in = min(?, (SELECT count(*) FROM bindings WHERE account = accounts.id AND state = 'active')),
  had_way_in = (had_way_in OR stranded_at IS NOT NULL OR EXISTS (SELECT 1 FROM bindings WHERE account = accounts.id AND state = 'active'))
    AND ? IS NULL,
  frozen = ?, epoch = ?, guarded_until = ?, held_until = ?, factor_removed_at = ?, device_lock = ?, named_only = ?,
  reminders_off = ?, reviewed_at = ?, remind_at = ?, put_aside = ?, version = ?, audit_head = ?, stranded_at = ?
WHERE id = ? AND version = ?

-- name: bindings
SELECT provider, state, label, verified_at, last_used_at, created_at, removed_at, subject, union_id, grant_held, idx,
       holder, holder_at, risk_at, sim, sim_at, quick_off, quick_asks, said, said_at, account, id
FROM bindings WHERE account = ? AND state <> 'removed'

-- name: bindings with removed
SELECT provider, state, label, verified_at, last_used_at, created_at, removed_at, subject, union_id, grant_held, idx,
       holder, holder_at, risk_at, sim, sim_at, quick_off, quick_asks, said, said_at, account, id
FROM bindings WHERE account = ?

-- name: change binding
UPDATE bindings SET
  provider = ?, state = ?, label = ?, verified_at = ?, last_used_at = ?, created_at = ?, removed_at = ?,
  subject = ?, union_id = ?, grant_held = ?, idx = ?, holder = ?, holder_at = ?, risk_at = ?, sim = ?, sim_at = ?,
  quick_off = ?, quick_asks = ?, said = ?, said_at = ?
WHERE account = ? AND id = ?

-- name: add binding
INSERT INTO bindings (provider, state, label, verified_at, last_used_at, created_at, removed_at, subject, union_id, grant_held, idx,
                      holder, holder_at, risk_at, sim, sim_at, quick_off, quick_asks, said, said_at, account, id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- The devices are looked at where an account asks for it and nowhere else.
-- name: resolve
SELECT b.account, b.id, b.state, b.said, b.quick_off, b.quick_asks, a.frozen, a.epoch, a.guarded_until, a.device_lock, a.named_only,
       CASE WHEN a.device_lock OR a.named_only THEN (
         SELECT group_concat(d.id, ' ') FROM devices d
         WHERE d.account = a.id AND d.removed_at IS NULL AND d.lost_at IS NULL AND (d.named OR NOT a.named_only)) END
FROM bindings b JOIN accounts a ON a.id = b.account
WHERE b.provider = ? AND b.idx = ? AND b.state IN ('active', 'suspended')

-- name: unlinked
SELECT account, id FROM bindings
WHERE provider = ? AND idx = ? AND state = 'removed' AND subject IS NOT NULL
ORDER BY removed_at DESC LIMIT 1

-- name: devices
SELECT name, platform, trusted, created_at, last_seen, removed_at, app_key, app_count, named, lost_at, account, id
FROM devices WHERE account = ? AND removed_at IS NULL ORDER BY id

-- name: change device
UPDATE devices SET
  name = ?, platform = ?, trusted = ?, created_at = ?, last_seen = ?, removed_at = ?, app_key = ?, app_count = ?,
  named = ?, lost_at = ?
WHERE account = ? AND id = ?

-- name: add device
INSERT INTO devices (name, platform, trusted, created_at, last_seen, removed_at, app_key, app_count, named, lost_at, account, id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: session
SELECT s.id, s.hash, s.account, s.binding, s.device, s.platform, s.created_at, s.expires_at, s.ended_at, a.frozen
FROM sessions s JOIN accounts a ON a.id = s.account
WHERE s.hash = ? AND s.ended_at IS NULL AND s.expires_at > ?

-- name: put session
INSERT INTO sessions (id, hash, account, binding, device, platform, created_at, expires_at, ended_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account, id) DO UPDATE SET
  hash = excluded.hash, binding = excluded.binding, device = excluded.device, platform = excluded.platform,
  created_at = excluded.created_at, expires_at = excluded.expires_at, ended_at = excluded.ended_at

-- name: end sessions of binding
UPDATE sessions SET ended_at = ? WHERE account = ? AND binding = ? AND ended_at IS NULL

-- name: end all sessions
UPDATE sessions SET ended_at = ? WHERE account = ? AND ended_at IS NULL

-- name: ticket
SELECT hash, account, device, platform, next, expires_at, used_at FROM tickets WHERE hash = ?

-- name: put ticket
INSERT INTO tickets (hash, account, device, platform, next, expires_at, used_at) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (hash) DO UPDATE SET
  device = excluded.device, platform = excluded.platform, next = excluded.next, expires_at = excluded.expires_at,
  used_at = excluded.used_at
WHERE account = excluded.account

-- name: answer
SELECT fingerprint, ref, code, detail FROM answers WHERE caller = ? AND key = ?

-- name: add answer
INSERT INTO answers (caller, key, fingerprint, ref, code, detail, given_at, replays) VALUES (?, ?, ?, ?, ?, ?, ?, 0)

-- name: replay
UPDATE answers SET replays = replays + 1 WHERE caller = ? AND key = ?

-- name: keys
SELECT name, hash, scopes, created_at, revoked_at FROM keys WHERE revoked_at IS NULL ORDER BY name

-- name: put key
INSERT INTO keys (name, hash, scopes, created_at, revoked_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET
  hash = excluded.hash, scopes = excluded.scopes, created_at = excluded.created_at, revoked_at = excluded.revoked_at

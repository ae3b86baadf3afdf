-- name: session
SELECT s.hash, s.binding, s.device, s.platform, s.created_at, s.expires_at, s.ended_at, s.account, s.id, a.frozen
FROM sessions s JOIN accounts a ON a.id = s.account
WHERE s.hash = ? AND s.ended_at IS NULL AND s.expires_at > ?

-- name: live sessions
SELECT s.hash, s.binding, s.device, s.platform, s.created_at, s.expires_at, s.ended_at, s.account, s.id, a.frozen
FROM sessions s JOIN accounts a ON a.id = s.account
WHERE s.account = ? AND s.ended_at IS NULL AND s.expires_at > ?
ORDER BY s.created_at DESC, s.id DESC

-- name: change session
UPDATE sessions SET
  hash = ?, binding = ?, device = ?, platform = ?, created_at = ?, expires_at = ?, ended_at = ?
WHERE account = ? AND id = ?

-- name: add session
INSERT INTO sessions (hash, binding, device, platform, created_at, expires_at, ended_at, account, id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: end sessions of binding
UPDATE sessions SET ended_at = ? WHERE account = ? AND binding = ? AND ended_at IS NULL

-- name: end all sessions
UPDATE sessions SET ended_at = ? WHERE account = ? AND ended_at IS NULL

-- name: end all tickets
UPDATE tickets SET used_at = ? WHERE account = ? AND used_at IS NULL

-- name: sign-ins
SELECT at, binding, device, platform, network, net, country, region, point, account, id
FROM sign_ins WHERE account = ? ORDER BY id DESC

-- name: add sign-in
INSERT INTO sign_ins (at, binding, device, platform, network, net, country, region, point, account, id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: trim sign-ins
DELETE FROM sign_ins WHERE account = ?1 AND (at < ?2 OR
  id <= (SELECT id FROM sign_ins WHERE account = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?3))

-- name: ticket
SELECT device, platform, next, expires_at, used_at, account, hash FROM tickets WHERE hash = ?

-- name: change ticket
UPDATE tickets SET
  device = ?, platform = ?, next = ?, expires_at = ?, used_at = ?
WHERE account = ? AND hash = ?

-- name: add ticket
INSERT INTO tickets (device, platform, next, expires_at, used_at, account, hash)
VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: answer
SELECT fingerprint, ref, code, detail FROM answers WHERE caller = ? AND key = ?

-- name: add answer
INSERT INTO answers (caller, key, fingerprint, ref, code, detail, given_at, replays) VALUES (?, ?, ?, ?, ?, ?, ?, 0)

-- name: replay
UPDATE answers SET replays = replays + 1 WHERE caller = ? AND key = ?

-- name: keys
SELECT hash, scopes, created_at, revoked_at, name FROM keys WHERE revoked_at IS NULL ORDER BY name

-- name: change key
UPDATE keys SET
  hash = ?, scopes = ?, created_at = ?, revoked_at = ?
WHERE name = ?

-- name: add key
INSERT INTO keys (hash, scopes, created_at, revoked_at, name)
VALUES (?, ?, ?, ?, ?)

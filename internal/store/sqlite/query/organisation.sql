-- name: organisation
SELECT body, roots, revoked FROM organisations WHERE id = ?

-- name: organisation of keeper
SELECT body, roots, revoked FROM organisations WHERE keeper = ?

-- name: organisations
SELECT body, roots, revoked FROM organisations WHERE id > ? ORDER BY id LIMIT ?

-- name: change organisation
UPDATE organisations SET body = ?1, roots = ?2, revoked = ?3 WHERE keeper = ?4 AND id = ?5

-- name: add organisation
INSERT INTO organisations (body, roots, revoked, keeper, id) VALUES (?, ?, ?, ?, ?)

-- name: membership
SELECT organisation, role, was, since, ended_at, account FROM members WHERE account = ? AND ended_at IS NULL

-- name: change membership
UPDATE members SET organisation = ?, role = ?, was = ?, since = ?, ended_at = ? WHERE account = ?

-- name: add membership
INSERT INTO members (organisation, role, was, since, ended_at, account) VALUES (?, ?, ?, ?, ?, ?)

-- name: members
SELECT m.organisation, m.role, m.was, m.since, m.ended_at, m.account, a.external_id, a.ways_in
FROM members m JOIN accounts a ON a.id = m.account
WHERE m.organisation = ? AND m.ended_at IS NULL AND m.account > ? ORDER BY m.account LIMIT ?

-- name: managed
SELECT organisation, compliant, reported_at, fingerprint, certified_to, account, device FROM managed_devices WHERE account = ? ORDER BY device

-- name: change managed
UPDATE managed_devices SET organisation = ?, compliant = ?, reported_at = ?, fingerprint = ?, certified_to = ? WHERE account = ? AND device = ?

-- name: add managed
INSERT INTO managed_devices (organisation, compliant, reported_at, fingerprint, certified_to, account, device) VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: managed devices
SELECT g.organisation, g.compliant, g.reported_at, g.fingerprint, g.certified_to, g.account, g.device, d.name, d.platform
FROM managed_devices g JOIN devices d ON d.account = g.account AND d.id = g.device
WHERE g.organisation = ? AND d.removed_at IS NULL ORDER BY g.account, g.device LIMIT ?

-- name: asked of organisation
SELECT c.case_id, c.binding, c.factor, c.purpose, c.state, c.guesses, c.max_guess, c.issued_at, c.expires_at, c.epoch, c.pack, c.public, c.secret, c.code,
       c.claimant, c.account, c.id
FROM challenges c JOIN members m ON m.account = c.account
WHERE m.organisation = ? AND m.ended_at IS NULL AND c.factor = ? AND c.state = 'open' ORDER BY c.id LIMIT ?

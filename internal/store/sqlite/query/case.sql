-- name: case
SELECT body FROM cases WHERE id = ?

-- name: open cases
SELECT body FROM cases
WHERE account = ? AND stage NOT IN ('closed', 'cancelled', 'refused', 'expired', 'compensated') ORDER BY id

-- name: cases
SELECT body FROM cases WHERE account = ? ORDER BY id DESC LIMIT ?

-- A case never changes hands: the row of another account is left alone, and nothing written is an error.
-- name: put case
INSERT INTO cases (id, account, stage, version, body) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET stage = excluded.stage, version = excluded.version, body = excluded.body
WHERE account = excluded.account

-- Appends only what follows the last event (S25): otherwise nothing is written, which is an error.
-- name: add event
INSERT INTO events (case_id, seq, kind, actor_kind, actor_name, actor_account, actor_device, at, stage, data)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
WHERE ?2 = 1 + coalesce((SELECT max(seq) FROM events WHERE case_id = ?1), 0)

-- name: events
SELECT case_id, seq, kind, actor_kind, actor_name, actor_account, actor_device, at, stage, data
FROM events WHERE case_id = ? AND seq > ? ORDER BY seq

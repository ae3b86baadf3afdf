-- name: case
SELECT body FROM cases WHERE id = ?

-- name: open cases
SELECT body FROM cases
WHERE account = ? AND stage NOT IN ('closed', 'cancelled', 'refused', 'expired', 'compensated') ORDER BY id

-- name: cases
SELECT body FROM cases WHERE account = ? ORDER BY id DESC LIMIT ?

-- name: change case
UPDATE cases SET
  stage = ?, goal = ?, platform = ?, body = ?
WHERE account = ? AND id = ?

-- name: add case
INSERT INTO cases (stage, goal, platform, body, account, id)
VALUES (?, ?, ?, ?, ?, ?)

-- Appends only what follows the last event (S25): otherwise nothing is written, which is an error.
-- name: add event
INSERT INTO events (case_id, seq, kind, actor_kind, actor_name, actor_account, actor_device, at, stage, data)
SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
WHERE ? = coalesce((SELECT max(seq) FROM events WHERE case_id = ?), 0)

-- name: events
SELECT case_id, seq, kind, actor_kind, actor_name, actor_account, actor_device, at, stage, data
FROM events WHERE case_id = ? AND seq > ? ORDER BY seq

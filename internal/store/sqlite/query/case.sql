-- name: case
SELECT id, body, mark FROM cases WHERE id = ?

-- name: open cases
SELECT id, body, mark FROM cases
WHERE account = ? AND stage <> 'closed' AND stage <> 'cancelled' AND stage <> 'refused' AND stage <> 'expired' AND stage <> 'compensated'
ORDER BY id

-- name: cases
SELECT id, body, mark FROM cases WHERE account = ? ORDER BY id DESC LIMIT ?

-- name: basis
SELECT basis FROM bases WHERE case_id = ?

-- name: change basis
UPDATE bases SET basis = ? WHERE case_id = ?

-- name: add basis
INSERT INTO bases (basis, case_id) VALUES (?, ?)

-- name: change case
UPDATE cases SET
  stage = ?, goal = ?, platform = ?, body = ?, mark = ?
WHERE account = ? AND id = ?

-- name: add case
INSERT INTO cases (stage, goal, platform, body, mark, account, id)
VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: add event
INSERT INTO events (case_id, seq, kind, actor_kind, actor_name, actor_account, actor_device, at, stage, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- What a new event must follow (S25). It is a statement of its own, because one that inserts into the table it reads would
-- build a temporary table for it each time, and cost five times as much.
-- name: last event
SELECT coalesce(max(seq), 0) FROM events WHERE case_id = ?

-- name: openings
SELECT e.case_id, e.seq, e.kind, e.actor_kind, e.actor_name, e.actor_account, e.actor_device, e.at, e.stage, e.data
FROM cases c JOIN events e ON e.case_id = c.id AND e.seq = 1
WHERE c.id < ? ORDER BY c.id DESC LIMIT ?

-- name: events
SELECT case_id, seq, kind, actor_kind, actor_name, actor_account, actor_device, at, stage, data
FROM events WHERE case_id = ? AND seq > ? ORDER BY seq

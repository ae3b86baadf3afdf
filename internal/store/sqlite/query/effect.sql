-- name: effect
SELECT id, key, kind, account, case_id, target, subject, payload, run_at, attempt, lease, last_error, state
FROM effects WHERE account = ? AND id = ?

-- An effect whose key is known is left as it is (S20).
-- name: add effect
INSERT INTO effects (id, key, kind, account, case_id, target, subject, payload, run_at, attempt, last_error, state)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', 'due')
ON CONFLICT (account, key) DO NOTHING

-- The attempt grows with every lease and fences the holders before it (S29). One writer at a time runs this, so no two
-- claimers can see the same row as free.
-- name: claim
UPDATE effects SET attempt = attempt + 1, lease = ?
WHERE (account, key) IN (
  SELECT account, key FROM effects
  WHERE state = 'due' AND run_at <= ? AND (lease IS NULL OR lease <= ?) ORDER BY run_at, id LIMIT ?)
RETURNING id, key, kind, account, case_id, target, subject, payload, run_at, attempt, lease, last_error, state

-- name: report
UPDATE effects SET state = ?, run_at = coalesce(?, run_at), last_error = ?, lease = NULL
WHERE account = ? AND id = ? AND attempt = ? AND state = 'due'

-- name: effects
SELECT id, key, kind, account, case_id, target, subject, payload, run_at, attempt, lease, last_error, state
FROM effects WHERE state = ? ORDER BY run_at, id LIMIT ?

-- name: effects of account
SELECT id, key, kind, account, case_id, target, subject, payload, run_at, attempt, lease, last_error, state
FROM effects WHERE account = ? AND +state = ? ORDER BY run_at, id LIMIT ?

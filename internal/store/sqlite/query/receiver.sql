-- name: feed
SELECT a.account, a.seq, a.case_id, a.actor, a.verb, a.at, a.detail, a.prev, a.hash, o.external_id
FROM audit a JOIN accounts o ON o.id = a.account
WHERE a.position > ? AND a.position <= (SELECT size FROM log_head) ORDER BY a.position LIMIT ?

-- name: receivers
SELECT kind, owner, state, position, body, version, id,
  (SELECT size FROM log_head) - position,
  (SELECT count(*) FROM (SELECT 1 FROM deliveries d WHERE d.receiver = r.id AND d.state = 'due' LIMIT ?1)),
  (SELECT count(*) FROM (SELECT 1 FROM deliveries d WHERE d.receiver = r.id AND d.state = 'dead' LIMIT ?1))
FROM receivers r ORDER BY id

-- name: add receiver
INSERT INTO receivers (kind, owner, state, position, body, version, id)
VALUES (?1, ?2, ?3, (SELECT size FROM log_head), ?5, ?6, ?7)

-- name: change receiver
UPDATE receivers SET
  kind = ?1, owner = ?2, state = ?3, body = ?5, version = ?6,
  position = CASE WHEN ?4 < 0 THEN (SELECT size FROM log_head) ELSE position END
WHERE id = ?7 AND version = ?6 - 1

-- name: drop receiver
DELETE FROM receivers WHERE id = ?

-- name: move receiver
UPDATE receivers SET position = ? WHERE id = ? AND position = ? AND state = 'enabled'

-- name: add delivery
INSERT INTO deliveries (receiver, seq, event, type, account, body, state, run_at, attempt, lease, status, error, queued_at, settled_at)
VALUES (?, ?, ?, ?, ?, ?, 'due', ?, 0, NULL, 0, '', ?, NULL)

-- name: forget deliveries
DELETE FROM deliveries WHERE receiver = ? AND state <> 'due' AND settled_at < ?

-- Of a receiver's deliveries about one account only the oldest that waits may go (S25).
-- name: claim deliveries
UPDATE deliveries SET attempt = attempt + 1, lease = ?1
WHERE (receiver, seq) IN (
  SELECT d.receiver, d.seq FROM deliveries d JOIN receivers r ON r.id = d.receiver
  WHERE d.state = 'due' AND d.run_at <= ?2 AND (d.lease IS NULL OR d.lease <= ?2) AND r.state = 'enabled' AND r.kind <> 'poll'
    AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.receiver = d.receiver AND e.account = d.account AND e.seq < d.seq AND e.state = 'due')
  ORDER BY d.run_at, d.seq LIMIT ?3)
RETURNING receiver, seq, event, type, account, body, state, run_at, attempt, lease, status, error, queued_at, settled_at

-- name: settle delivery
UPDATE deliveries SET state = ?1, run_at = ?2, status = ?3, error = ?4, settled_at = ?5, lease = NULL
WHERE receiver = ?6 AND event = ?7 AND state = ?8 AND (?9 = 0 OR attempt = ?9)

-- name: deliveries
SELECT receiver, seq, event, type, account, body, state, run_at, attempt, lease, status, error, queued_at, settled_at
FROM deliveries WHERE receiver = ?1 AND (?2 = '' OR state = ?2) AND (?3 = 0 OR seq < ?3) ORDER BY seq DESC LIMIT ?4

-- name: oldest deliveries
SELECT receiver, seq, event, type, account, body, state, run_at, attempt, lease, status, error, queued_at, settled_at
FROM deliveries WHERE receiver = ?1 AND (?2 = '' OR state = ?2) ORDER BY seq LIMIT ?3

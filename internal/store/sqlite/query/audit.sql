-- name: add audit
INSERT INTO audit (account, seq, case_id, actor, verb, at, detail, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: audit chain
SELECT account, seq, case_id, actor, verb, at, detail, prev, hash FROM audit WHERE account = ? ORDER BY seq

-- name: audit tail
SELECT account, seq, case_id, actor, verb, at, detail, prev, hash FROM audit
WHERE account = ? AND seq < ? ORDER BY seq DESC LIMIT ?

-- name: audit log
SELECT account, seq, case_id, actor, verb, at, detail, prev, hash FROM audit
WHERE position > ? AND position <= (SELECT size FROM log_head) ORDER BY position LIMIT ?

-- name: audit after log
SELECT account, seq, case_id, actor, verb, at, detail, prev, hash FROM audit
WHERE position > ? ORDER BY position LIMIT ?

-- name: log head
SELECT size, checkpoint FROM log_head

-- Only who saw the log as it still is may grow it.
-- name: put log head
UPDATE log_head SET size = ?, checkpoint = ? WHERE size = ?

-- name: log hashes
SELECT hash FROM log_hashes ORDER BY idx

-- name: log hash
SELECT hash FROM log_hashes WHERE idx = ?

-- name: add log hash
INSERT INTO log_hashes (idx, hash) VALUES (?, ?)

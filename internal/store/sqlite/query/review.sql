-- name: reviews of case
SELECT body FROM reviews WHERE account = ? AND case_id = ? ORDER BY challenge

-- name: review of challenge
SELECT body FROM reviews WHERE account = ? AND challenge = ?

-- name: change review
UPDATE reviews SET case_id = ?, state = ?, due_at = ?, body = ? WHERE account = ? AND challenge = ?

-- name: add review
INSERT INTO reviews (case_id, state, due_at, body, account, challenge) VALUES (?, ?, ?, ?, ?, ?)

-- name: queue
SELECT body FROM reviews WHERE state = 'waiting' ORDER BY due_at, challenge LIMIT ?

-- name: queue after
SELECT body FROM reviews
WHERE state = 'waiting' AND (due_at, challenge) > (SELECT due_at, challenge FROM reviews WHERE challenge = ?)
ORDER BY due_at, challenge LIMIT ?

-- name: erase evidence
DELETE FROM evidence WHERE challenge = ?

-- name: add evidence
INSERT INTO evidence (challenge, n, account, content) VALUES (?, ?, ?, ?)

-- name: evidence
SELECT content FROM evidence WHERE challenge = ? AND n = ?

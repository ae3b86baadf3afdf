-- name: challenge
SELECT case_id, binding, factor, purpose, state, guesses, max_guess, issued_at, expires_at, epoch, pack, public, secret, code,
       claimant, account, id
FROM challenges WHERE id = ?

-- name: challenge by code
SELECT case_id, binding, factor, purpose, state, guesses, max_guess, issued_at, expires_at, epoch, pack, public, secret, code,
       claimant, account, id
FROM challenges WHERE code = ?

-- name: challenges of account
SELECT case_id, binding, factor, purpose, state, guesses, max_guess, issued_at, expires_at, epoch, pack, public, secret, code,
       claimant, account, id
FROM challenges WHERE account = ? AND state IN ('open', 'claimed') ORDER BY id

-- name: challenges of case
SELECT case_id, binding, factor, purpose, state, guesses, max_guess, issued_at, expires_at, epoch, pack, public, secret, code,
       claimant, account, id
FROM challenges WHERE account = ? AND case_id = ? AND state IN ('open', 'claimed') ORDER BY id

-- name: change challenge
UPDATE challenges SET
  case_id = ?, binding = ?, factor = ?, purpose = ?, state = ?, guesses = ?, max_guess = ?, issued_at = ?,
  expires_at = ?, epoch = ?, pack = ?, public = ?, secret = ?, code = ?, claimant = ?
WHERE account = ? AND id = ?

-- name: add challenge
INSERT INTO challenges (case_id, binding, factor, purpose, state, guesses, max_guess, issued_at, expires_at, epoch, pack, public, secret, code, claimant, account, id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: enrolments
SELECT factor, device, binding, label, created_at, removed_at, secret, account, id
FROM enrolments WHERE account = ? AND removed_at IS NULL ORDER BY id

-- name: change enrolment
UPDATE enrolments SET
  factor = ?, device = ?, binding = ?, label = ?, created_at = ?, removed_at = ?, secret = ?
WHERE account = ? AND id = ?

-- name: add enrolment
INSERT INTO enrolments (factor, device, binding, label, created_at, removed_at, secret, account, id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: budgets
SELECT since, wrong, issued, day, hour, in_hour, account, factor FROM budgets WHERE account = ? ORDER BY factor

-- name: change budget
UPDATE budgets SET
  since = ?, wrong = ?, issued = ?, day = ?, hour = ?, in_hour = ?
WHERE account = ? AND factor = ?

-- name: add budget
INSERT INTO budgets (since, wrong, issued, day, hour, in_hour, account, factor)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)

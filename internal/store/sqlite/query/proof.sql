-- name: challenge
SELECT id, account, case_id, binding, factor, purpose, state, guesses, max_guess, issued_at, expires_at, epoch, pack, public,
       secret, code, claimant
FROM challenges WHERE id = ?

-- name: challenge by code
SELECT id, account, case_id, binding, factor, purpose, state, guesses, max_guess, issued_at, expires_at, epoch, pack, public,
       secret, code, claimant
FROM challenges WHERE code = ?

-- name: challenges of account
SELECT id, account, case_id, binding, factor, purpose, state, guesses, max_guess, issued_at, expires_at, epoch, pack, public,
       secret, code, claimant
FROM challenges WHERE account = ? AND state IN ('open', 'claimed') ORDER BY id

-- name: challenges of case
SELECT id, account, case_id, binding, factor, purpose, state, guesses, max_guess, issued_at, expires_at, epoch, pack, public,
       secret, code, claimant
FROM challenges WHERE account = ? AND case_id = ? AND state IN ('open', 'claimed') ORDER BY id

-- name: put challenge
INSERT INTO challenges (id, account, case_id, binding, factor, purpose, state, guesses, max_guess, issued_at, expires_at, epoch,
                        pack, public, secret, code, claimant)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
  case_id = excluded.case_id, binding = excluded.binding, factor = excluded.factor, purpose = excluded.purpose,
  state = excluded.state, guesses = excluded.guesses, max_guess = excluded.max_guess, issued_at = excluded.issued_at,
  expires_at = excluded.expires_at, epoch = excluded.epoch, pack = excluded.pack, public = excluded.public,
  secret = excluded.secret, code = excluded.code, claimant = excluded.claimant
WHERE account = excluded.account

-- name: enrolments
SELECT id, account, factor, device, binding, label, created_at, removed_at, secret
FROM enrolments WHERE account = ? AND removed_at IS NULL ORDER BY id

-- name: put enrolment
INSERT INTO enrolments (id, account, factor, device, binding, label, created_at, removed_at, secret)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account, id) DO UPDATE SET
  factor = excluded.factor, device = excluded.device, binding = excluded.binding, label = excluded.label,
  created_at = excluded.created_at, removed_at = excluded.removed_at, secret = excluded.secret

-- name: budgets
SELECT account, factor, since, wrong, issued, day, hour, in_hour FROM budgets WHERE account = ? ORDER BY factor

-- name: put budget
INSERT INTO budgets (account, factor, since, wrong, issued, day, hour, in_hour) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account, factor) DO UPDATE SET
  since = excluded.since, wrong = excluded.wrong, issued = excluded.issued, day = excluded.day, hour = excluded.hour,
  in_hour = excluded.in_hour

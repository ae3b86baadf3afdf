-- name: staff
SELECT role, password, totp, step, session, signed_in_at, seen_at, created_at, disabled_at, account, version, name FROM staff ORDER BY name

-- name: add staff
INSERT INTO staff (role, password, totp, step, session, signed_in_at, seen_at, created_at, disabled_at, account, version, name)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: change staff
UPDATE staff SET
  role = ?1, password = ?2, totp = ?3, step = ?4, session = ?5, signed_in_at = ?6, seen_at = ?7, created_at = ?8, disabled_at = ?9,
  account = ?10, version = ?11
WHERE name = ?12 AND version = ?11 - 1

-- name: drop old guesses
DELETE FROM staff_guesses WHERE at <= ? AND who <> ?

-- Refused guesses leave the time alone: it is that of the last one that was compared, so that no window ever holds more.
-- name: reserve guess
INSERT INTO staff_guesses (who, made, at) VALUES (?1, 1, ?2)
ON CONFLICT (who) DO UPDATE SET
  made = CASE WHEN at <= ?3 THEN 1 ELSE made + 1 END,
  at = CASE WHEN at <= ?3 OR made < ?4 THEN ?2 ELSE at END
RETURNING made

-- name: forget guesses
DELETE FROM staff_guesses WHERE who = ?

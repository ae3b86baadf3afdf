-- One transaction carries the verbs of many callers. Where one fails while it writes, all are done again, each in a savepoint.

-- name: begin
BEGIN IMMEDIATE

-- name: commit
COMMIT

-- name: rollback
ROLLBACK

-- name: savepoint
SAVEPOINT verb

-- name: release
RELEASE verb

-- name: undo
ROLLBACK TO verb

-- name: begin read
BEGIN

-- name: ping
SELECT count(*) FROM log_head

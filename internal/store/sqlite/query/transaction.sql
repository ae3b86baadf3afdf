-- One transaction carries the verbs of many callers; each stands in a savepoint, so that one that fails takes nobody along.

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

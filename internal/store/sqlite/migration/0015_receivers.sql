-- Whom events are told to: readers of the audit log, each with its place in it. The body is JSON; secrets in it are sealed.
CREATE TABLE receivers (
  id       TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  kind     TEXT    NOT NULL CHECK (kind = 'webhook' OR kind = 'push' OR kind = 'poll'),
  owner    TEXT    NOT NULL,
  state    TEXT    NOT NULL CHECK (state = 'enabled' OR state = 'paused' OR state = 'disabled'),
  position INTEGER NOT NULL CHECK (position >= 0),
  body     TEXT    NOT NULL,
  version  INTEGER NOT NULL CHECK (version >= 1)
) STRICT, WITHOUT ROWID;
-- A key has one stream.
CREATE UNIQUE INDEX receivers_stream ON receivers (owner) WHERE kind <> 'webhook';

-- What is on its way to them. seq is the order of the log.
CREATE TABLE deliveries (
  receiver   TEXT    NOT NULL REFERENCES receivers ON DELETE CASCADE,
  seq        INTEGER NOT NULL,
  event      TEXT    NOT NULL,
  type       TEXT    NOT NULL,
  account    TEXT    NOT NULL,
  body       TEXT    NOT NULL,
  state      TEXT    NOT NULL CHECK (state = 'due' OR state = 'done' OR state = 'dead'),
  run_at     INTEGER NOT NULL,
  attempt    INTEGER NOT NULL,
  lease      INTEGER,
  status     INTEGER NOT NULL,
  error      TEXT    NOT NULL,
  queued_at  INTEGER NOT NULL,
  settled_at INTEGER,
  PRIMARY KEY (receiver, seq),
  CHECK ((state = 'due') = (settled_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX deliveries_event ON deliveries (receiver, event);
CREATE INDEX deliveries_due ON deliveries (run_at) WHERE state = 'due';
CREATE INDEX deliveries_line ON deliveries (receiver, account, seq) WHERE state = 'due';
CREATE INDEX deliveries_dead ON deliveries (receiver, seq) WHERE state = 'dead';
CREATE INDEX deliveries_settled ON deliveries (receiver, settled_at) WHERE state <> 'due';

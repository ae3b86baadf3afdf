-- The rows of the product. Times are microseconds since 1970 in UTC, NULL where there is none; hashes are 32 bytes; an
-- empty text means there is none. Every table is STRICT, so a value has the type its column says.
--
-- Where an account's rows are read together, the key begins with the account and the table is clustered by it. Closed lists
-- are CHECKs: no program, not even ours, can leave a word in a row that nobody knows. They are chains of OR, because for an IN
-- over more than two values every statement that writes the row builds and drops a table of them. Only what every transition
-- appends (effects, events, audit) has no foreign key: one writer names the account of all it writes.

CREATE TABLE accounts (
  id                 TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  external_id        TEXT    NOT NULL UNIQUE CHECK (length(external_id) BETWEEN 1 AND 128),
  kind               TEXT    NOT NULL CHECK (kind = 'personal' OR kind = 'merchant' OR kind = 'enterprise_member'),
  region             TEXT    NOT NULL,
  locale             TEXT    NOT NULL,
  registered_through TEXT    NOT NULL,
  created_at         INTEGER NOT NULL,
  ways_in            INTEGER NOT NULL CHECK (ways_in >= 0),
  had_way_in         INTEGER NOT NULL CHECK (had_way_in IN (0, 1)),
  frozen             INTEGER NOT NULL CHECK (frozen IN (0, 1)),
  epoch              INTEGER NOT NULL,
  guarded_until      INTEGER,
  version            INTEGER NOT NULL CHECK (version >= 0),
  audit_head         BLOB    NOT NULL CHECK (length(audit_head) = 32),
  -- S14, whatever a program decided: who had a way in keeps one. The statement that writes ways_in counts the bindings
  -- itself and keeps the smaller of its count and the one it was told.
  CONSTRAINT last_way_in CHECK (ways_in > 0 OR had_way_in = 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE bindings (
  account      TEXT    NOT NULL REFERENCES accounts,
  id           TEXT    NOT NULL CHECK (id <> ''),
  provider     TEXT    NOT NULL CHECK (provider <> ''),
  state        TEXT    NOT NULL CHECK (state = 'pending' OR state = 'active' OR state = 'suspended' OR state = 'removed'),
  label        TEXT    NOT NULL,
  verified_at  INTEGER,
  last_used_at INTEGER,
  created_at   INTEGER NOT NULL,
  removed_at   INTEGER,
  subject      BLOB,
  union_id     BLOB,
  grant_held   BLOB,
  idx          BLOB    NOT NULL CHECK (length(idx) = 32),
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

-- S7. The table's key is part of every index on it, so this one leads straight to the account.
-- A pending binding claims nothing: whoever only names an identity must not keep its owner from binding it, nor learn
-- from a refusal that somebody has.
CREATE UNIQUE INDEX bindings_identity ON bindings (provider, idx) WHERE state IN ('active', 'suspended');

-- A removed binding stays, so that its ID is never used again (S7).
CREATE TRIGGER bindings_stay BEFORE DELETE ON bindings BEGIN SELECT raise(ABORT, 'bindings are never deleted'); END;

-- The body is the case in JSON, but for its basis; what is looked for or checked stands beside it. That the two stages are one is checked
-- as text, which costs a tenth of reading JSON and is as exact: within a JSON string these quotes would be escaped. mark says
-- which basis the case has, to whoever has read that before.
CREATE TABLE cases (
  id       TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  account  TEXT    NOT NULL REFERENCES accounts,
  stage    TEXT    NOT NULL CHECK (stage = 'open' OR stage = 'verifying' OR stage = 'reviewing' OR
                     stage = 'awaiting_approval' OR stage = 'ready' OR stage = 'cooling_off' OR
                     stage = 'executing' OR stage = 'guarded' OR stage = 'closed' OR stage = 'frozen' OR
                     stage = 'cancelled' OR stage = 'refused' OR stage = 'expired' OR stage = 'compensated'),
  goal     TEXT    NOT NULL CHECK (goal = 'unlink' OR goal = 'link' OR goal = 'replace' OR goal = 'migrate'),
  platform TEXT    NOT NULL CHECK (platform = 'android' OR platform = 'ios' OR platform = 'web'),
  body     TEXT    NOT NULL,
  mark     BLOB    NOT NULL CHECK (length(mark) = 16),
  CONSTRAINT body_agrees CHECK (instr(body, '"stage":"' || stage || '"') > 0)
) STRICT;
CREATE INDEX cases_of_account ON cases (account, id);

-- What a case was decided on and what its person was shown, in JSON: most of it in bytes. It stands apart, because a move
-- writes its case's row and hardly ever this.
CREATE TABLE bases (
  case_id TEXT NOT NULL PRIMARY KEY REFERENCES cases,
  basis   TEXT NOT NULL
) STRICT;

CREATE TABLE events (
  case_id       TEXT    NOT NULL,
  seq           INTEGER NOT NULL CHECK (seq >= 1),
  kind          TEXT    NOT NULL,
  actor_kind    TEXT    NOT NULL CHECK (actor_kind = 'person' OR actor_kind = 'product' OR actor_kind = 'staff' OR
                     actor_kind = 'clock' OR actor_kind = 'party'),
  actor_name    TEXT    NOT NULL,
  actor_account TEXT    NOT NULL,
  actor_device  TEXT    NOT NULL,
  at            INTEGER NOT NULL,
  stage         TEXT    NOT NULL CHECK (stage = 'open' OR stage = 'verifying' OR stage = 'reviewing' OR
                     stage = 'awaiting_approval' OR stage = 'ready' OR stage = 'cooling_off' OR
                     stage = 'executing' OR stage = 'guarded' OR stage = 'closed' OR stage = 'frozen' OR
                     stage = 'cancelled' OR stage = 'refused' OR stage = 'expired' OR stage = 'compensated'),
  data          BLOB,
  PRIMARY KEY (case_id, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER events_stay BEFORE DELETE ON events BEGIN SELECT raise(ABORT, 'events are never deleted'); END;
CREATE TRIGGER events_stand BEFORE UPDATE ON events BEGIN SELECT raise(ABORT, 'events are never changed'); END;

CREATE TABLE challenges (
  id         TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  account    TEXT    NOT NULL REFERENCES accounts,
  case_id    TEXT    NOT NULL,
  binding    TEXT    NOT NULL,
  factor     TEXT    NOT NULL,
  purpose    TEXT    NOT NULL CHECK (purpose IN ('case', 'replacement')),
  state      TEXT    NOT NULL CHECK (state = 'open' OR state = 'claimed' OR state = 'passed' OR state = 'failed' OR
                     state = 'dead'),
  guesses    INTEGER NOT NULL,
  max_guess  INTEGER NOT NULL,
  issued_at  INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  epoch      INTEGER NOT NULL,
  pack       TEXT    NOT NULL,
  public     BLOB,
  secret     BLOB,
  code       BLOB CHECK (length(code) = 32),
  claimant   TEXT    NOT NULL,
  CONSTRAINT within_limit CHECK (guesses BETWEEN 0 AND max_guess) -- S26
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX challenges_code ON challenges (code) WHERE code IS NOT NULL;
CREATE INDEX challenges_live ON challenges (account, case_id) WHERE state IN ('open', 'claimed');

CREATE TABLE enrolments (
  account    TEXT    NOT NULL REFERENCES accounts,
  id         TEXT    NOT NULL CHECK (id <> ''),
  factor     TEXT    NOT NULL,
  device     TEXT    NOT NULL,
  binding    TEXT    NOT NULL,
  label      TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  removed_at INTEGER,
  secret     BLOB,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
  account    TEXT    NOT NULL REFERENCES accounts,
  id         TEXT    NOT NULL CHECK (id <> ''),
  name       TEXT    NOT NULL,
  platform   TEXT    NOT NULL CHECK (platform = 'android' OR platform = 'ios' OR platform = 'web'),
  trusted    INTEGER NOT NULL CHECK (trusted IN (0, 1)),
  created_at INTEGER NOT NULL,
  last_seen  INTEGER,
  removed_at INTEGER,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE budgets (
  account TEXT    NOT NULL REFERENCES accounts,
  factor  TEXT    NOT NULL,
  since   INTEGER,
  wrong   INTEGER NOT NULL,
  issued  INTEGER NOT NULL,
  day     INTEGER,
  hour    INTEGER,
  in_hour INTEGER NOT NULL,
  PRIMARY KEY (account, factor)
) STRICT, WITHOUT ROWID;

-- Keys begin with the ID of what asked, so that within the account one key is one decision (S20).
CREATE TABLE effects (
  account    TEXT    NOT NULL,
  id         TEXT    NOT NULL CHECK (id <> ''),
  key        TEXT    NOT NULL CHECK (key <> ''),
  kind       TEXT    NOT NULL CHECK (kind = 'participant.prepare' OR kind = 'participant.commit' OR
                     kind = 'participant.compensate' OR kind = 'participant.verify' OR
                     kind = 'participant.cleanup' OR kind = 'provider.probe' OR kind = 'factor.deliver' OR
                     kind = 'notify' OR kind = 'timer'),
  case_id    TEXT    NOT NULL,
  target     TEXT    NOT NULL,
  subject    TEXT    NOT NULL,
  payload    BLOB,
  run_at     INTEGER NOT NULL,
  attempt    INTEGER NOT NULL CHECK (attempt >= 0),
  lease      INTEGER,
  last_error TEXT    NOT NULL,
  state      TEXT    NOT NULL CHECK (state = 'due' OR state = 'done' OR state = 'dead'),
  PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;
-- What the worker and the alarms look at: small, however many are done.
CREATE INDEX effects_undone ON effects (state, run_at, id) WHERE state <> 'done';

CREATE TABLE sessions (
  account    TEXT    NOT NULL REFERENCES accounts,
  id         TEXT    NOT NULL CHECK (id <> ''),
  hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
  binding    TEXT    NOT NULL,
  device     TEXT    NOT NULL,
  platform   TEXT    NOT NULL CHECK (platform = '' OR platform = 'android' OR platform = 'ios' OR platform = 'web'),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at   INTEGER,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tickets (
  hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
  account    TEXT    NOT NULL REFERENCES accounts,
  device     TEXT    NOT NULL,
  platform   TEXT    NOT NULL CHECK (platform = '' OR platform = 'android' OR platform = 'ios' OR platform = 'web'),
  next       TEXT    NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at    INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE answers (
  caller      TEXT    NOT NULL,
  key         TEXT    NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32),
  ref         TEXT    NOT NULL,
  code        TEXT    NOT NULL,
  detail      BLOB,
  given_at    INTEGER NOT NULL,
  replays     INTEGER NOT NULL, -- counted so that a replay is a write (S23)
  PRIMARY KEY (caller, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
  name       TEXT    NOT NULL PRIMARY KEY CHECK (name <> ''),
  hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
  scopes     TEXT    NOT NULL CHECK (json_valid(scopes)),
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;

-- One row for each transition (S24). There is one writer and no row ever goes, so positions have no gaps and are the order
-- of the Merkle log: a row is in the log when its position is not above log_head.size.
CREATE TABLE audit (
  position INTEGER PRIMARY KEY,
  account  TEXT    NOT NULL,
  seq      INTEGER NOT NULL CHECK (seq >= 1),
  case_id  TEXT    NOT NULL,
  actor    TEXT    NOT NULL,
  verb     TEXT    NOT NULL,
  at       INTEGER NOT NULL,
  detail   BLOB,
  prev     BLOB    NOT NULL CHECK (length(prev) = 32),
  hash     BLOB    NOT NULL CHECK (length(hash) = 32),
  UNIQUE (account, seq)
) STRICT;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'audit rows are never deleted'); END;
CREATE TRIGGER audit_stands BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'audit rows are never changed'); END;

CREATE TABLE log_hashes (
  idx  INTEGER PRIMARY KEY,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE log_head (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  size       INTEGER NOT NULL,
  checkpoint BLOB
) STRICT;
INSERT INTO log_head (one, size) VALUES (1, 0);

-- What owners decide of how their accounts may be entered, and the devices it concerns.
ALTER TABLE accounts ADD COLUMN device_lock INTEGER NOT NULL DEFAULT 0 CHECK (device_lock IN (0, 1));
ALTER TABLE accounts ADD COLUMN named_only INTEGER NOT NULL DEFAULT 0 CHECK (named_only IN (0, 1));
ALTER TABLE accounts ADD COLUMN reminders_off INTEGER NOT NULL DEFAULT 0 CHECK (reminders_off IN (0, 1));
ALTER TABLE accounts ADD COLUMN reviewed_at INTEGER;
ALTER TABLE accounts ADD COLUMN remind_at INTEGER;
ALTER TABLE accounts ADD COLUMN put_aside TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN named INTEGER NOT NULL DEFAULT 0 CHECK (named IN (0, 1));
ALTER TABLE devices ADD COLUMN lost_at INTEGER;

-- What is asked of participants besides the saga: a switch to be set. A check cannot be changed, so the table is made anew.
CREATE TABLE effects_anew (
  account    TEXT    NOT NULL,
  id         TEXT    NOT NULL CHECK (id <> ''),
  key        TEXT    NOT NULL CHECK (key <> ''),
  kind       TEXT    NOT NULL CHECK (kind = 'participant.prepare' OR kind = 'participant.commit' OR
                     kind = 'participant.compensate' OR kind = 'participant.verify' OR
                     kind = 'participant.cleanup' OR kind = 'participant.switch' OR kind = 'provider.probe' OR
                     kind = 'factor.deliver' OR kind = 'notify' OR kind = 'timer'),
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
INSERT INTO effects_anew SELECT account, id, key, kind, case_id, target, subject, payload, run_at, attempt, lease, last_error, state FROM effects;
DROP TABLE effects;
ALTER TABLE effects_anew RENAME TO effects;
-- What the worker and the alarms look at: small, however many are done.
CREATE INDEX effects_undone ON effects (state, run_at, id) WHERE state <> 'done';

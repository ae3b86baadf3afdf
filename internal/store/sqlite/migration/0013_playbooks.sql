-- A playbook keeps quick sign-in off: this login opens nothing, and how many playbooks of the account ask the others for more.
ALTER TABLE bindings ADD COLUMN quick_off INTEGER NOT NULL DEFAULT 0 CHECK (quick_off IN (0, 1));
ALTER TABLE bindings ADD COLUMN quick_asks INTEGER NOT NULL DEFAULT 0 CHECK (quick_asks >= 0);

-- Steps of a playbook are found out about. A check cannot be changed, so the table is made anew as it was, with the longer list.
CREATE TABLE effects_anew (
  account    TEXT    NOT NULL,
  id         TEXT    NOT NULL CHECK (id <> ''),
  key        TEXT    NOT NULL CHECK (key <> ''),
  kind       TEXT    NOT NULL CHECK (kind = 'participant.prepare' OR kind = 'participant.commit' OR
                     kind = 'participant.compensate' OR kind = 'participant.verify' OR
                     kind = 'participant.cleanup' OR kind = 'participant.switch' OR kind = 'provider.probe' OR
                     kind = 'playbook.check' OR kind = 'factor.deliver' OR kind = 'notify' OR kind = 'timer'),
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

-- The sign-in history: appended to, bounded for each account, and without an address. net is a keyed hash of the network.
CREATE TABLE sign_ins (
  account  TEXT    NOT NULL REFERENCES accounts,
  id       TEXT    NOT NULL CHECK (id <> ''),
  at       INTEGER NOT NULL,
  binding  TEXT    NOT NULL,
  device   TEXT    NOT NULL,
  platform TEXT    NOT NULL CHECK (platform = '' OR platform = 'android' OR platform = 'ios' OR platform = 'web'),
  network  TEXT    NOT NULL CHECK (network = 'known' OR network = 'unknown' OR network = 'public'),
  net      BLOB    CHECK (length(net) = 32),
  country  TEXT    NOT NULL,
  region   TEXT    NOT NULL,
  point    TEXT    NOT NULL,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER sign_ins_stand BEFORE UPDATE ON sign_ins BEGIN SELECT raise(ABORT, 'sign-ins are never changed'); END;

-- What carriers and providers last said of an identity.
ALTER TABLE bindings ADD COLUMN holder TEXT NOT NULL DEFAULT '' CHECK (holder = '' OR holder = 'same' OR holder = 'new' OR
  holder = 'changed' OR holder = 'invalid');
ALTER TABLE bindings ADD COLUMN holder_at INTEGER;
ALTER TABLE bindings ADD COLUMN risk_at INTEGER;

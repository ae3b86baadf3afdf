-- Organisations, who belongs to them, and the devices that they manage. An organisation is written under the lock of the account that keeps
-- it, whose audit chain has what happens to it.
CREATE TABLE organisations (
  id      TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  keeper  TEXT NOT NULL UNIQUE REFERENCES accounts,
  body    TEXT NOT NULL,
  roots   TEXT NOT NULL,
  revoked TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
  account      TEXT    NOT NULL REFERENCES accounts,
  organisation TEXT    NOT NULL REFERENCES organisations,
  role     TEXT    NOT NULL CHECK (role = 'member' OR role = 'admin'),
  was          TEXT    NOT NULL CHECK (was = 'personal' OR was = 'merchant' OR was = 'enterprise_member'),
  since        INTEGER NOT NULL,
  ended_at     INTEGER,
  PRIMARY KEY (account)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_organisation ON members (organisation, account) WHERE ended_at IS NULL;

CREATE TABLE managed_devices (
  account      TEXT    NOT NULL REFERENCES accounts,
  device       TEXT    NOT NULL CHECK (device <> ''),
  organisation TEXT    NOT NULL REFERENCES organisations,
  compliant    INTEGER NOT NULL CHECK (compliant IN (0, 1)),
  reported_at  INTEGER NOT NULL,
  fingerprint  BLOB    CHECK (length(fingerprint) = 32),
  certified_to INTEGER,
  PRIMARY KEY (account, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX managed_devices_organisation ON managed_devices (organisation, account, device);

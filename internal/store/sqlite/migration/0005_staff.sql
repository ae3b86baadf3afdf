-- Who works with this service. A session is a part of its owner's row, so that there is at most one.
CREATE TABLE staff (
  name         TEXT    NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
  role         TEXT    NOT NULL CHECK (role IN ('reviewer', 'operator')),
  password     TEXT    NOT NULL CHECK (password <> ''),
  totp         BLOB    NOT NULL CHECK (length(totp) > 0),
  step         INTEGER NOT NULL,
  session      BLOB    UNIQUE CHECK (length(session) = 32),
  signed_in_at INTEGER,
  seen_at      INTEGER,
  created_at   INTEGER NOT NULL,
  disabled_at  INTEGER,
  version      INTEGER NOT NULL CHECK (version > 0),
  CHECK ((session IS NULL) = (signed_in_at IS NULL) AND (session IS NULL) = (seen_at IS NULL)),
  CHECK (session IS NULL OR disabled_at IS NULL)
) STRICT, WITHOUT ROWID;

-- Guesses at sign-ins that are still counted, by what a name was hashed to: whether anybody has it or not (S27).
CREATE TABLE staff_guesses (
  who  BLOB    NOT NULL PRIMARY KEY CHECK (length(who) = 32),
  made INTEGER NOT NULL,
  at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_guesses_at ON staff_guesses (at);

-- What staff make of a challenge. The body is the review in JSON; what is looked for or checked stands beside it.
CREATE TABLE reviews (
  account   TEXT    NOT NULL REFERENCES accounts,
  challenge TEXT    NOT NULL CHECK (challenge <> ''),
  case_id   TEXT    NOT NULL,
  state     TEXT    NOT NULL CHECK (state = 'waiting' OR state = 'asked' OR state = 'refused' OR state = 'passed' OR state = 'withdrawn' OR
                      state = 'void'),
  due_at    INTEGER NOT NULL,
  body      TEXT    NOT NULL,
  PRIMARY KEY (account, challenge),
  CONSTRAINT body_agrees CHECK (instr(body, '"state":"' || state || '"') > 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX reviews_queue ON reviews (due_at, challenge) WHERE state = 'waiting';
CREATE INDEX reviews_challenge ON reviews (challenge);
CREATE INDEX reviews_case ON reviews (account, case_id);

-- What people handed in for it, sealed: here for a short time, and in nothing else.
CREATE TABLE evidence (
  challenge TEXT    NOT NULL,
  n         INTEGER NOT NULL CHECK (n BETWEEN 0 AND 3),
  account   TEXT    NOT NULL REFERENCES accounts,
  content   BLOB    NOT NULL CHECK (length(content) > 0),
  PRIMARY KEY (challenge, n)
) STRICT;

-- Whose own account a member of staff has at the product.
ALTER TABLE staff ADD COLUMN account TEXT NOT NULL DEFAULT '';

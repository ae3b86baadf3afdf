-- Hand-offs that nobody used yet end with the account's sessions (S9). There are a handful at any moment.
CREATE INDEX tickets_waiting ON tickets (account) WHERE used_at IS NULL;

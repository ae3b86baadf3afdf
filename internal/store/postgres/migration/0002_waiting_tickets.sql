-- Hand-offs that nobody used yet end with the account's sessions (S9). There are a handful at any moment.
create index tickets_waiting on tickets (account) where used_at is null;

-- What a provider last said of an identity, and since when an account has no way in because one took its last away.
ALTER TABLE bindings ADD COLUMN said TEXT NOT NULL DEFAULT '' CHECK (said = '' OR said = 'consent_withdrawn' OR said = 'account_deleted' OR
  said = 'account_disabled' OR said = 'account_hijacked' OR said = 'member_left' OR said = 'account_enabled');
ALTER TABLE bindings ADD COLUMN said_at INTEGER;
ALTER TABLE accounts ADD COLUMN stranded_at INTEGER;

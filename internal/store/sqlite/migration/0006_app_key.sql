-- The key of an app on a device, where its platform has such a thing (App Attest), with its last counter: it only rises.
ALTER TABLE devices ADD COLUMN app_key BLOB;
ALTER TABLE devices ADD COLUMN app_count INTEGER NOT NULL DEFAULT 0 CHECK (app_count BETWEEN 0 AND 4294967295);

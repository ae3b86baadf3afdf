-- What operators last said of a number's SIM.
ALTER TABLE bindings ADD COLUMN sim TEXT NOT NULL DEFAULT '' CHECK (sim = '' OR sim = 'same' OR sim = 'swapped');
ALTER TABLE bindings ADD COLUMN sim_at INTEGER;

-- The order of all events, the proof of it, and whose they are (storage/event_sequence.h). A server of before writes none of
-- this: its events are numbered like all others, and their partner is filled in then. Numbers and hash have their size from the
-- beginning, so that giving an event its number changes its row in place.
ALTER TABLE events
  ADD COLUMN partner_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN transaction_end BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN chain_hash BINARY(32) NOT NULL DEFAULT '';
ALTER TABLE events_archive
  ADD COLUMN partner_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN transaction_end BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN chain_hash BINARY(32) NOT NULL DEFAULT '';
ALTER TABLE events ADD KEY events_by_sequence (sequence);
ALTER TABLE events ADD KEY events_by_partner (partner_id, sequence);
ALTER TABLE events_archive ADD KEY events_by_sequence (sequence);
ALTER TABLE events_archive ADD KEY events_by_partner (partner_id, sequence);

-- One row: the last number that was given, and the hash of the chain up to it. Whoever has it locked gives numbers.
CREATE TABLE history_head (
  id TINYINT NOT NULL PRIMARY KEY,
  sequence BIGINT NOT NULL,
  chain_hash BINARY(32) NOT NULL,
  CONSTRAINT history_head_one_row CHECK (id = 1)
) ENGINE=InnoDB DEFAULT CHARSET=ascii COLLATE=ascii_bin;

INSERT INTO history_head (id, sequence, chain_hash) VALUES (1, 0, '') ON DUPLICATE KEY UPDATE id = id;

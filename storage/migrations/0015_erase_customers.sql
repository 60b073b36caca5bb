-- The erasure of customers (storage/erasure.h). Of an event: the salt of the digest that its record has instead of what tells of
-- people; which form of record entered the chain, said by whoever numbers it; and what is left once it is erased. All at the end, so
-- that no row is written anew. A server of before leaves them at their defaults, and its records are of the form before.
ALTER TABLE events
  ADD COLUMN salt BINARY(16) NULL,
  ADD COLUMN record_version TINYINT NOT NULL DEFAULT 1,
  ADD COLUMN erased BINARY(32) NULL;
ALTER TABLE events_archive
  ADD COLUMN salt BINARY(16) NULL,
  ADD COLUMN record_version TINYINT NOT NULL DEFAULT 1,
  ADD COLUMN erased BINARY(32) NULL;

-- customers_erasing: those whose history is yet to be gone through.
ALTER TABLE customers
  ADD COLUMN erase_time DATETIME(6) NULL,
  ADD COLUMN erasing TINYINT NOT NULL DEFAULT 0;
ALTER TABLE customers ADD KEY customers_erasing (erasing);

-- Up to which event the history is not kept any more (storage/history_retention.h): its place, the chain's hash there, and the time.
ALTER TABLE history_head
  ADD COLUMN base_sequence BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN base_hash BINARY(32) NOT NULL DEFAULT '',
  ADD COLUMN base_time DATETIME(6) NULL;

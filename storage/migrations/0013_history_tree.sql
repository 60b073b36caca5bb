-- The tree of hashes over the history (storage/merkle.h): how far it goes, and its right end; and of what is complete the nodes
-- over 256 leaves and more, so that a proof needs no more than the leaves around an event. History of before is added to it bit
-- by bit. A server of before adds nothing; the next one goes on where the tree ends.
ALTER TABLE history_head
  ADD COLUMN tree_size BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN tree VARBINARY(2048) NOT NULL DEFAULT '';

CREATE TABLE history_nodes (
  level TINYINT NOT NULL,
  place BIGINT NOT NULL,
  node BINARY(32) NOT NULL,
  PRIMARY KEY (level, place)
) ENGINE=InnoDB DEFAULT CHARSET=ascii COLLATE=ascii_bin;

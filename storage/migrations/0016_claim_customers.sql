-- On a cluster whose nodes all take writes, whoever changes anything of a customer counts this up (storage/world_store.cc): two
-- nodes notice of each other only that both have written a row. A server of before leaves it as it is.
ALTER TABLE customers ADD COLUMN claims BIGINT NOT NULL DEFAULT 0;

-- The day from which terms count after a scheduled expiration that is another subscription's. A server of before sets none, and
-- takes the expiration itself, as it did.
ALTER TABLE scheduled_changes ADD COLUMN anchor_date DATE NULL;

-- Since when a customer is disabled. A server of before leaves it as it is: NULL, or a time that nobody reads while ENABLED.
ALTER TABLE customers ADD COLUMN disable_time DATETIME(6) NULL;

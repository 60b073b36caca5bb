-- API keys become a resource: with several roles, bound to a customer where one is wanted, with a revision and a history. The
-- keys there are get the event of their making, so that each revision has one. `role` stays for a server of before that is
-- running; of keys that are made from now on it says nothing.
ALTER TABLE api_keys
  ADD COLUMN customer_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN roles TEXT NULL,
  ADD COLUMN revision INT NULL,
  ADD COLUMN update_time DATETIME(6) NULL;
UPDATE api_keys SET roles = CONCAT('["', role, '"]'), revision = 1, update_time = create_time;
INSERT INTO events (event_time, actor, reason, request_id, kind, effective_date, row_table, key1, key2, revision, before_image, after_image)
  SELECT create_time, 'lmp-server', '', '', 'API_KEY_CREATED', NULL, 'api_keys', key_id, '', 1, NULL,
    JSON_OBJECT('key_id', key_id, 'partner_id', partner_id, 'roles', JSON_ARRAY(role), 'display_name', display_name,
                'secret_hash', secret_hash, 'expire_time', CAST(expire_time AS CHAR), 'revoke_time', CAST(revoke_time AS CHAR),
                'revision', 1, 'create_time', CAST(create_time AS CHAR), 'update_time', CAST(update_time AS CHAR))
  FROM api_keys;
ALTER TABLE api_keys
  MODIFY COLUMN role VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  MODIFY COLUMN roles TEXT NOT NULL,
  MODIFY COLUMN revision INT NOT NULL,
  MODIFY COLUMN update_time DATETIME(6) NOT NULL,
  ADD KEY api_keys_by_partner (partner_id, key_id),
  ADD CONSTRAINT api_keys_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (customer_id);

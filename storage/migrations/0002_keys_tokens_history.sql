-- Registration keys, tokens for use without a server, and the history of a customer or pool in order.

CREATE TABLE registration_keys (
  key_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  partner_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  service_plan_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  units TEXT NOT NULL,
  expire_date DATE NOT NULL,
  note VARCHAR(500) NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  customer_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NULL,
  subscription_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NULL,
  redeem_time DATETIME(6) NULL,
  revision INT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  PRIMARY KEY (key_id),
  CONSTRAINT registration_keys_partner_fk FOREIGN KEY (partner_id) REFERENCES partners (partner_id),
  CONSTRAINT registration_keys_service_plan_fk FOREIGN KEY (service_plan_id) REFERENCES service_plans (service_plan_id),
  CONSTRAINT registration_keys_subscription_fk FOREIGN KEY (customer_id, subscription_id) REFERENCES subscriptions (customer_id, subscription_id),
  CONSTRAINT registration_keys_state CHECK (state IN ('ISSUED', 'REDEEMED', 'VOIDED')),
  CONSTRAINT registration_keys_redeemed CHECK ((state = 'REDEEMED') = (subscription_id IS NOT NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- license_tokens_expire_time: those that can still be revoked.
CREATE TABLE license_tokens (
  customer_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  token_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  license_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  key_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  units INT NOT NULL,
  grace_end_date DATE NOT NULL,
  issue_time DATETIME(6) NOT NULL,
  expire_time DATETIME(6) NOT NULL,
  revision INT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  PRIMARY KEY (customer_id, token_id),
  KEY license_tokens_expire_time (expire_time),
  CONSTRAINT license_tokens_license_fk FOREIGN KEY (customer_id, license_id) REFERENCES licenses (customer_id, license_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A customer's history, or a partner's, in order: all of a customer's rows have its id as their first key.
ALTER TABLE events ADD KEY events_key1 (key1);

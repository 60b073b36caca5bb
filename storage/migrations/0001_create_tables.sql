-- Ids are ASCII and compared byte by byte; text is utf8mb4, compared byte by byte too. Instants are UTC in DATETIME(6),
-- civil days DATE. CHECK, UNIQUE and FOREIGN KEY repeat the invariants that the decisions keep anyway.

-- One row. Whoever changes partners, products or plans locks it and counts it up; whoever relies on them locks it shared.
CREATE TABLE catalogue_version (
  id TINYINT NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  CONSTRAINT catalogue_version_one_row CHECK (id = 1)
) ENGINE=InnoDB DEFAULT CHARSET=ascii COLLATE=ascii_bin;

INSERT INTO catalogue_version (id, version) VALUES (1, 1) ON DUPLICATE KEY UPDATE version = version;

CREATE TABLE partners (
  partner_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  display_name VARCHAR(128) NOT NULL,
  tier VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  parent_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  revision INT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  CONSTRAINT partners_parent_fk FOREIGN KEY (parent_id) REFERENCES partners (partner_id),
  CONSTRAINT partners_tier CHECK ((tier = 'DISTRIBUTOR' AND parent_id IS NULL) OR (tier = 'RESELLER' AND parent_id IS NOT NULL)),
  CONSTRAINT partners_state CHECK (state IN ('ACTIVE', 'SUSPENDED', 'CANCELED'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE products (
  product_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  display_name VARCHAR(150) NOT NULL,
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  min_units INT NOT NULL,
  max_units INT NOT NULL,
  nfr_allowed TINYINT NOT NULL,
  family VARCHAR(64) NOT NULL,
  level INT NOT NULL,
  lifecycle VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  components TEXT NOT NULL,
  end_of_life_date DATE NULL,
  revision INT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  CONSTRAINT products_kind CHECK (kind IN ('SERVICE', 'SOFTWARE', 'SUITE')),
  CONSTRAINT products_units CHECK (1 <= min_units AND min_units <= max_units AND max_units <= 999999),
  CONSTRAINT products_lifecycle CHECK (lifecycle IN ('ON_SALE', 'END_OF_SALE', 'END_OF_LIFE'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE service_plans (
  service_plan_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  partner_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  display_name VARCHAR(150) NOT NULL,
  product_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  nfr TINYINT NOT NULL,
  initial_term_months INT NOT NULL,
  auto_renewal TINYINT NOT NULL,
  renewal_term_months INT NOT NULL,
  grace_period_days INT NOT NULL,
  expiration_notice_days INT NOT NULL,
  activation_policy VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  data_center VARCHAR(16) NOT NULL,
  enabled TINYINT NOT NULL,
  components TEXT NOT NULL,
  delete_time DATETIME(6) NULL,
  revision INT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  UNIQUE KEY service_plans_display_name (partner_id, display_name),
  CONSTRAINT service_plans_partner_fk FOREIGN KEY (partner_id) REFERENCES partners (partner_id),
  CONSTRAINT service_plans_product_fk FOREIGN KEY (product_id) REFERENCES products (product_id),
  CONSTRAINT service_plans_term CHECK (initial_term_months BETWEEN 1 AND 66),
  CONSTRAINT service_plans_trial CHECK (version = 'FULL' OR (version = 'TRIAL' AND initial_term_months = 1 AND auto_renewal = 0 AND nfr = 0)),
  CONSTRAINT service_plans_renewal CHECK ((auto_renewal = 0 AND renewal_term_months = 0) OR (auto_renewal = 1 AND renewal_term_months BETWEEN 1 AND 66)),
  CONSTRAINT service_plans_grace CHECK (grace_period_days BETWEEN 0 AND 90)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE customers (
  customer_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  partner_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  display_name VARCHAR(128) NOT NULL,
  city VARCHAR(64) NOT NULL,
  region VARCHAR(64) NOT NULL,
  country VARCHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  address VARCHAR(128) NOT NULL,
  postal_code VARCHAR(10) NOT NULL,
  industry VARCHAR(3) NOT NULL,
  note VARCHAR(500) NOT NULL,
  emergency_emails TEXT NOT NULL,
  contact_given_name VARCHAR(50) NOT NULL,
  contact_family_name VARCHAR(50) NOT NULL,
  contact_email VARCHAR(128) NOT NULL,
  external_id VARCHAR(64) NULL,
  annotations TEXT NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  delete_time DATETIME(6) NULL,
  revision INT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  UNIQUE KEY customers_external_id (partner_id, external_id),
  CONSTRAINT customers_partner_fk FOREIGN KEY (partner_id) REFERENCES partners (partner_id),
  CONSTRAINT customers_state CHECK (state IN ('ENABLED', 'DISABLED'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE subscriptions (
  customer_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subscription_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  service_plan_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  display_name VARCHAR(150) NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  nfr TINYINT NOT NULL,
  initial_term_months INT NOT NULL,
  auto_renewal TINYINT NOT NULL,
  renewal_term_months INT NOT NULL,
  grace_period_days INT NOT NULL,
  expiration_notice_days INT NOT NULL,
  activation_policy VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  data_center VARCHAR(16) NOT NULL,
  start_date DATE NOT NULL,
  components TEXT NOT NULL,
  renewal_paused TINYINT NOT NULL,
  pending_changes INT NOT NULL,
  replaced_by VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NULL,
  revision INT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  PRIMARY KEY (customer_id, subscription_id),
  CONSTRAINT subscriptions_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (customer_id),
  CONSTRAINT subscriptions_service_plan_fk FOREIGN KEY (service_plan_id) REFERENCES service_plans (service_plan_id),
  CONSTRAINT subscriptions_state CHECK (state IN ('ACTIVE', 'SUSPENDED', 'DISABLED', 'UNBUNDLED'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- service_slot: a customer has at most one licence of a service that is not closed, whoever writes.
CREATE TABLE licenses (
  customer_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  license_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  product_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  product_kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  units INT NOT NULL,
  used_units INT NULL,
  start_date DATE NOT NULL,
  expiration_date DATE NOT NULL,
  grace_end_date DATE NOT NULL,
  anchor_date DATE NOT NULL,
  expiration_notice_days INT NOT NULL,
  version VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  nfr TINYINT NOT NULL,
  activation_policy VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  activate_time DATETIME(6) NULL,
  activation_code VARCHAR(48) CHARACTER SET ascii COLLATE ascii_bin NULL,
  subscription_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NULL,
  suspend_date DATE NULL,
  due_date DATE NULL,
  closed TINYINT NOT NULL,
  revision INT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  service_slot VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin
    GENERATED ALWAYS AS (IF(product_kind = 'SERVICE' AND closed = 0, product_id, NULL)) VIRTUAL,
  PRIMARY KEY (customer_id, license_id),
  UNIQUE KEY licenses_service_slot (customer_id, service_slot),
  UNIQUE KEY licenses_activation_code (activation_code),
  KEY licenses_product (customer_id, product_id),
  KEY licenses_due (due_date),
  KEY licenses_subscription (customer_id, subscription_id),
  CONSTRAINT licenses_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (customer_id),
  CONSTRAINT licenses_product_fk FOREIGN KEY (product_id) REFERENCES products (product_id),
  CONSTRAINT licenses_subscription_fk FOREIGN KEY (customer_id, subscription_id) REFERENCES subscriptions (customer_id, subscription_id),
  CONSTRAINT licenses_units CHECK (units BETWEEN 1 AND 999999),
  CONSTRAINT licenses_dates CHECK (start_date < expiration_date AND expiration_date <= grace_end_date),
  CONSTRAINT licenses_code CHECK ((product_kind = 'SOFTWARE') = (activation_code IS NOT NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE scheduled_changes (
  customer_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  change_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subscription_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  effective_date DATE NOT NULL,
  units TEXT NOT NULL,
  expiration_date DATE NULL,
  auto_renewal TINYINT NULL,
  renewal_term_months INT NULL,
  expiration_notice_days INT NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  outcome VARCHAR(500) NOT NULL,
  revision INT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  PRIMARY KEY (customer_id, change_id),
  CONSTRAINT scheduled_changes_subscription_fk FOREIGN KEY (customer_id, subscription_id) REFERENCES subscriptions (customer_id, subscription_id),
  CONSTRAINT scheduled_changes_state CHECK (state IN ('PENDING', 'APPLIED', 'CANCELED', 'DROPPED'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE license_pools (
  partner_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  product_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  total INT NOT NULL,
  assigned INT NOT NULL,
  minimum INT NOT NULL,
  revision INT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  PRIMARY KEY (partner_id, product_id),
  CONSTRAINT license_pools_partner_fk FOREIGN KEY (partner_id) REFERENCES partners (partner_id),
  CONSTRAINT license_pools_product_fk FOREIGN KEY (product_id) REFERENCES products (product_id),
  CONSTRAINT license_pools_units CHECK (0 <= assigned AND assigned <= total AND minimum >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One row for each change of a row above: its revision after the change makes it unique.
CREATE TABLE events (
  event_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  event_time DATETIME(6) NOT NULL,
  actor VARCHAR(190) NOT NULL,
  reason VARCHAR(500) NOT NULL,
  request_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  effective_date DATE NULL,
  row_table VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  key1 VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  key2 VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  revision INT NOT NULL,
  before_image MEDIUMTEXT NULL,
  after_image MEDIUMTEXT NOT NULL,
  UNIQUE KEY events_row (row_table, key1, key2, revision)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The answer that a request_id got, for at least 7 days.
CREATE TABLE requests (
  caller VARCHAR(190) NOT NULL,
  request_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  method VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  fingerprint BINARY(32) NOT NULL,
  response MEDIUMBLOB NOT NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (caller, request_id),
  KEY requests_create_time (create_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

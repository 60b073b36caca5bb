-- One index for each way in which a list can be asked for (storage/access_paths.cc); InnoDB adds the primary key to each, so
-- an equal column leaves the rows in order of name.
ALTER TABLE partners ADD KEY partners_by_display_name (display_name);
ALTER TABLE partners ADD KEY partners_by_parent (parent_id);
ALTER TABLE products ADD KEY products_by_display_name (display_name);
ALTER TABLE service_plans ADD KEY service_plans_by_display_name (display_name);
ALTER TABLE service_plans ADD KEY service_plans_by_partner (partner_id);
ALTER TABLE service_plans ADD KEY service_plans_by_partner_and_display_name (partner_id, display_name);
ALTER TABLE service_plans ADD KEY service_plans_by_product (product_id);
ALTER TABLE customers ADD KEY customers_by_display_name (display_name);
ALTER TABLE customers ADD KEY customers_by_partner (partner_id);
ALTER TABLE customers ADD KEY customers_by_partner_and_display_name (partner_id, display_name);
ALTER TABLE customers ADD KEY customers_by_external_id (external_id);
ALTER TABLE subscriptions ADD KEY subscriptions_by_service_plan (service_plan_id);
ALTER TABLE licenses ADD KEY licenses_by_product (product_id);
ALTER TABLE licenses ADD KEY licenses_by_expiration_date (expiration_date);
ALTER TABLE licenses ADD KEY licenses_by_customer_and_expiration_date (customer_id, expiration_date);
ALTER TABLE license_pools ADD KEY license_pools_by_product (product_id);
ALTER TABLE registration_keys ADD KEY registration_keys_by_partner (partner_id);
ALTER TABLE registration_keys ADD KEY registration_keys_by_service_plan (service_plan_id);
ALTER TABLE registration_keys ADD KEY registration_keys_by_expire_date (expire_date);
ALTER TABLE scheduled_changes ADD KEY scheduled_changes_by_effective_date (effective_date);
ALTER TABLE scheduled_changes ADD KEY scheduled_changes_by_state_and_effective_date (state, effective_date);
ALTER TABLE scheduled_changes ADD KEY scheduled_changes_by_customer_and_effective_date (customer_id, effective_date);

-- One row: what page tokens are authenticated with, the same for all servers of the database.
CREATE TABLE page_token_secret (
  id TINYINT NOT NULL PRIMARY KEY,
  secret CHAR(64) NOT NULL,
  CONSTRAINT page_token_secret_one_row CHECK (id = 1)
) ENGINE=InnoDB DEFAULT CHARSET=ascii COLLATE=ascii_bin;

INSERT INTO page_token_secret (id, secret) VALUES (1, HEX(RANDOM_BYTES(32))) ON DUPLICATE KEY UPDATE id = id;

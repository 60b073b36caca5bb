-- Keys of callers. Of a secret only its SHA-256 is kept. A key is never deleted: events name it as their actor.
CREATE TABLE api_keys (
  key_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  partner_id VARCHAR(63) CHARACTER SET ascii COLLATE ascii_bin NULL,
  role VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  display_name VARCHAR(128) NOT NULL,
  secret_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  expire_time DATETIME(6) NOT NULL,
  revoke_time DATETIME(6) NULL,
  last_use_time DATETIME(6) NULL,
  create_time DATETIME(6) NOT NULL,
  PRIMARY KEY (key_id),
  UNIQUE KEY api_keys_secret_hash (secret_hash),
  CONSTRAINT api_keys_partner_fk FOREIGN KEY (partner_id) REFERENCES partners (partner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Old events: the same columns and keys as `events`, in the same order (event_archive.cc moves whole rows). Ids come with them.
CREATE TABLE events_archive (
  event_id BIGINT NOT NULL PRIMARY KEY,
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
  UNIQUE KEY events_row (row_table, key1, key2, revision),
  KEY events_key1 (key1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

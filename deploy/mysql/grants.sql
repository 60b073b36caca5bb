-- Two users for a database of --mysql-url: one migrates, one serves, and neither may do more. As the database's administrator:
--   mariadb -u root -p < deploy/mysql/grants.sql
-- Before that, put other passwords here, and if the servers are known, their addresses in the place of '%'. Both users must come
-- by TLS: give lmp-server the authority of the database's certificate (--mysql-tls-ca, or ?tls_ca= in the URL), and it verifies it.
--   lmp-server migrate --mysql-url mysql://lmp_migrate@db.example/lmp?tls_ca=/etc/lmp/db-ca.pem --mysql-password-file …
--   lmp-server serve   --mysql-url mysql://lmp@db.example/lmp?tls_ca=/etc/lmp/db-ca.pem --mysql-password-file …
-- MariaDB 10.11 and MySQL 8.
CREATE DATABASE IF NOT EXISTS lmp CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE USER IF NOT EXISTS 'lmp_migrate'@'%' IDENTIFIED BY 'CHANGE-ME-MIGRATE' REQUIRE SSL;
-- Tables and their indexes and constraints; rows, because a migration may have to change some.
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON lmp.* TO 'lmp_migrate'@'%';

CREATE USER IF NOT EXISTS 'lmp'@'%' IDENTIFIED BY 'CHANGE-ME-SERVE' REQUIRE SSL;
-- Rows alone. DELETE is for old request ids and expired tokens, and for events that move to their archive. This is also enough
-- for `lmp-server check` and `lmp-server api-key`.
GRANT SELECT, INSERT, UPDATE, DELETE ON lmp.* TO 'lmp'@'%';

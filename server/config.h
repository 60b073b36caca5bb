// What an lmp-server is told: flags, environment (LMP_…) and a config file, in this order of strength.
#ifndef LMP_SERVER_CONFIG_H_
#define LMP_SERVER_CONFIG_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/observe/log.h"
#include "server/transport.h"
#include "storage/mysql/connection.h"

namespace lmp::server {

struct Config {
  // The database: one of these two.
  std::string embedded_mysql;  // directory of a private MariaDB or MySQL
  std::string mysql_url;       // mysql://user@host:port/db
  std::string mysql_password_file;
  std::string mysql_tls_ca;
  bool auto_migrate = false;

  std::string listen = "127.0.0.1:50051";
  std::string metrics_listen;  // for Prometheus; empty: nowhere
  std::string health_listen;   // for health checks alone; empty: nowhere else than at `listen`
  bool insecure = false;       // plaintext beyond loopback
  std::string tls_cert;        // PEM files, read again when they change
  std::string tls_key;
  std::string tls_client_ca;  // set: callers need a certificate signed by it

  // Who may call. With none of the first two, and on loopback only, whoever can connect is the administrator.
  std::string auth_file;                // issuers of tokens, and what their subjects may (auth/auth_file.h)
  bool require_authentication = false;  // by API keys alone, or on loopback
  bool allow_anonymous_admin = false;
  int rate_limit = 0;  // calls a second of each caller; 0: as many as they like

  // PEM files with the Ed25519 keys of license tokens: the first signs, all verify. None: there are no tokens, but with
  // an embedded database a key is made in its directory. Read again when they change.
  std::vector<std::string> token_key_files;

  Severity log_level = Severity::kInfo;  // the least that is logged

  int write_workers = 2;
  int read_workers = 2;
  int max_batch = 32;
  int max_queue = 4096;          // calls of each kind (writes, reads by key, lists, checks) that may wait, and
  int max_queue_mib = 64;        // their requests
  int time_worker_seconds = 60;  // between passes of the worker that stores renewals and ends; 0: none on this server
  int request_days = 7;          // how long answers are kept by their request_id; at least 7
  int archive_events_days =
      0;  // events older than this are moved to the archive; at least 30, or 0: never by this server
  TransportOptions transport;
  int drain_delay_seconds = 0;     // from NOT_SERVING to the end of accepting: lets load balancers notice
  int drain_timeout_seconds = 20;  // for calls under way
};

// What is wrong with it for a server, in words that say what to do. Errors: INVALID_ARGUMENT.
absl::Status Validate(const Config& config);

// What is wrong with it for what needs the database alone. Errors: INVALID_ARGUMENT.
absl::Status ValidateDatabase(const Config& config);

// Whether the files of TLS, if there are any, can be read and belong together. Errors: INVALID_ARGUMENT.
absl::Status CheckTlsFiles(const Config& config);

// Until when the certificate in this file is valid; InfinitePast if there is none.
absl::Time CertificateExpiry(const std::string& file);

// Whether somebody who says nothing about who that is may do everything.
bool AnonymousIsAdmin(const Config& config);

// True for 127.0.0.0/8, [::1], localhost and Unix sockets.
bool IsLoopback(const std::string& address);

// The database of --mysql-url, with the password from the file or LMP_MYSQL_PASSWORD, and TLS if the URL or the flag
// says so. Errors: INVALID_ARGUMENT.
absl::StatusOr<storage::DatabaseOptions> MysqlOptions(const Config& config);

}  // namespace lmp::server

#endif  // LMP_SERVER_CONFIG_H_

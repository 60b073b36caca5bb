// What an lmp-server is told by flags, environment (LMP_…) and a config file; the earlier in this list wins.
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
  // The database: exactly one of these two is set.
  std::string embedded_mysql;  // directory of a private MariaDB or MySQL
  std::string mysql_url;       // mysql://user@host:port/db
  std::string mysql_password_file;
  std::string mysql_tls_ca;
  bool auto_migrate = false;

  std::string listen = "127.0.0.1:50051";
  std::string metrics_listen;  // address for Prometheus; empty: no metrics are served
  std::string health_listen;   // address for health checks alone; empty: they are served only at `listen`
  bool insecure = false;       // allows plaintext beyond loopback
  std::string tls_cert;        // PEM files, read again when they change
  std::string tls_key;
  std::string tls_client_ca;  // if set, callers need a certificate that it signed

  // Who may call. With neither auth_file nor require_authentication, and on loopback only, everybody who can connect is
  // the administrator.
  std::string auth_file;                // issuers of tokens, and what their subjects may (auth/auth_file.h)
  bool require_authentication = false;  // refuses callers without an API key, a token or a certificate, on loopback too
  bool allow_anonymous_admin = false;
  int rate_limit = 0;  // calls a second of each caller; 0: no limit

  // PEM files with the Ed25519 keys of license tokens: the first key signs, all verify. Without files there are no
  // tokens, unless the database is embedded: then a key is made in its directory. The files are read again when they
  // change.
  std::vector<std::string> token_key_files;

  Severity log_level = Severity::kInfo;  // less severe lines are not logged
  std::string log_calls = "all";         // which calls are logged (observe/call_log.h)
  int slow_call_ms = 1000;               // a call that takes so long is slow: always logged, with its statements

  std::string otlp_endpoint;  // HOST:PORT of a collector of traces; empty: none are exported
  std::string otlp_tls_ca;    // PEM file: the collector must have a certificate that it signed; empty: plaintext
  int otlp_sample = 100;      // of so many calls that bring no trace, one begins one; 0: none does

  int write_workers = 2;
  int read_workers = 2;
  int max_batch = 32;
  int max_queue = 4096;          // calls of each kind (writes, reads by key, lists, checks) that may wait
  int max_queue_mib = 64;        // size of the requests of the waiting calls of each kind
  int time_worker_seconds = 60;  // between passes of the worker that stores renewals and ends; 0: this server runs none
  int request_days = 7;          // how long answers are kept by their request_id; at least 7
  int archive_events_days = 0;   // older events are moved to the archive; at least 30; 0: not by this server
  int history_retention_days = 0;  // archived events that are older are taken away; 0: never
  TransportOptions transport;
  int drain_delay_seconds = 0;     // from NOT_SERVING to the end of accepting: gives load balancers time to notice
  int drain_timeout_seconds = 20;  // for the calls that are under way
};

// Says what is wrong with the config of a server, in words that say what to do. Errors: INVALID_ARGUMENT.
absl::Status Validate(const Config& config);

// Says what is wrong with the config for commands that need only the database. Errors: INVALID_ARGUMENT.
absl::Status ValidateDatabase(const Config& config);

// Checks that the TLS files, if there are any, can be read and belong together. Errors: INVALID_ARGUMENT.
absl::Status CheckTlsFiles(const Config& config);

// The end of the validity of the certificate in this file; InfinitePast if there is none.
absl::Time CertificateExpiry(const std::string& file);

// True if a caller without any credentials may do everything.
bool AnonymousIsAdmin(const Config& config);

// True for 127.0.0.0/8, [::1], localhost and Unix sockets.
bool IsLoopback(const std::string& address);

// The options for the database of --mysql-url, with the password from the file or from LMP_MYSQL_PASSWORD, and with TLS
// if the URL or the flag asks for it. Errors: INVALID_ARGUMENT.
absl::StatusOr<storage::DatabaseOptions> MysqlOptions(const Config& config);

}  // namespace lmp::server

#endif  // LMP_SERVER_CONFIG_H_

#include "server/config.h"

#include <cstdlib>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

absl::Status CheckDatabase(const Config& config) {
  if (config.embedded_mysql.empty() && config.mysql_url.empty()) {
    return absl::InvalidArgumentError(
        "no database: give --embedded-mysql DIR (a private MariaDB or MySQL kept in DIR, to try things out) "
        "or --mysql-url mysql://user@host:port/db (a database of yours, password in LMP_MYSQL_PASSWORD)");
  }
  if (!config.embedded_mysql.empty() && !config.mysql_url.empty()) {
    return absl::InvalidArgumentError("--embedded-mysql and --mysql-url exclude each other: give one");
  }
  return absl::OkStatus();
}

// gRPC would take a port modulo 65536.
absl::Status CheckAddress(const std::string& address) {
  if (absl::StartsWith(address, "unix:")) return absl::OkStatus();
  const size_t colon = address.rfind(':');
  int port = -1;
  if (colon != std::string::npos && colon > 0 && absl::SimpleAtoi(address.substr(colon + 1), &port) && port >= 0 &&
      port <= 65535) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("--listen ", address, ": must be HOST:PORT, the port 0 to 65535"));
}

absl::Status CheckTransport(const Config& config) {
  RETURN_IF_ERROR(CheckAddress(config.listen));
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    return absl::InvalidArgumentError("--tls-cert and --tls-key go together");
  }
  if (!config.tls_client_ca.empty() && config.tls_cert.empty()) {
    return absl::InvalidArgumentError("--tls-client-ca needs --tls-cert and --tls-key");
  }
  if (config.tls_cert.empty() && !config.insecure && !IsLoopback(config.listen)) {
    return absl::InvalidArgumentError(
        absl::StrCat("refusing to listen on ", config.listen,
                     " without TLS: give --tls-cert and --tls-key, listen on loopback, or say --insecure"));
  }
  return absl::OkStatus();
}

}  // namespace

bool IsLoopback(const std::string& address) {
  return absl::StartsWith(address, "127.") || absl::StartsWith(address, "[::1]:") ||
         absl::StartsWith(address, "localhost:") || absl::StartsWith(address, "unix:");
}

absl::Status Validate(const Config& config) {
  RETURN_IF_ERROR(CheckDatabase(config));
  return CheckTransport(config);
}

absl::StatusOr<storage::DatabaseOptions> MysqlOptions(const Config& config) {
  ASSIGN_OR_RETURN(storage::DatabaseOptions options, storage::ParseMysqlUrl(config.mysql_url));
  options.tls_ca = config.mysql_tls_ca;
  if (!config.mysql_password_file.empty()) {
    std::ifstream file(config.mysql_password_file);
    if (!file || !std::getline(file, options.password)) {
      return absl::InvalidArgumentError(absl::StrCat("can't read a password from ", config.mysql_password_file));
    }
  } else if (const char* password = std::getenv("LMP_MYSQL_PASSWORD")) {
    options.password = password;
  }
  return options;
}

}  // namespace lmp::server

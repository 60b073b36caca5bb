#include "server/config.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/auth/auth_file.h"
#include "server/auth/file_text.h"
#include "server/observe/call_log.h"
#include "server/open_file.h"
#include "server/tls_files.h"
#include "server/token_keys.h"
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
  if (!config.embedded_mysql.empty() && (!config.mysql_password_file.empty() || !config.mysql_tls_ca.empty())) {
    return absl::InvalidArgumentError(
        "--mysql-password-file and --mysql-tls-ca are for the database of --mysql-url; --embedded-mysql has neither a "
        "password nor "
        "TLS");
  }
  return absl::OkStatus();
}

// Checked here, because gRPC would take a port modulo 65536.
absl::Status CheckAddress(absl::string_view flag, const std::string& address) {
  if (absl::StartsWith(address, "unix:")) return absl::OkStatus();
  const size_t colon = address.rfind(':');
  int port = -1;
  if (colon != std::string::npos && colon > 0 && absl::SimpleAtoi(address.substr(colon + 1), &port) && port >= 0 &&
      port <= 65535) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(flag, " ", address, ": must be HOST:PORT, the port 0 to 65535"));
}

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate ReadCertificate(const std::string& name) {
  const OpenFile file(std::fopen(name.c_str(), "re"));
  return Certificate(file == nullptr ? nullptr : PEM_read_X509(file.get(), nullptr, nullptr, nullptr), X509_free);
}

absl::Status NoPem(absl::string_view what, absl::string_view flag, const std::string& file) {
  return absl::InvalidArgumentError(absl::StrCat("no ", what, " (PEM) in ", flag, " ", file));
}

// Reads the only line of the file.
absl::StatusOr<std::string> ReadPassword(const std::string& name) {
  std::ifstream file(name);
  std::string password, rest;
  if (!file || !std::getline(file, password)) {
    return absl::InvalidArgumentError(absl::StrCat("can't read a password from ", name));
  }
  if (!password.empty() && password.back() == '\r') password.pop_back();
  if (password.empty() || std::getline(file, rest)) {
    return absl::InvalidArgumentError(absl::StrCat(name, " must hold one line, the password"));
  }
  return password;
}

absl::Status CheckTransport(const Config& config) {
  RETURN_IF_ERROR(CheckAddress("--listen", config.listen));
  if (!config.health_listen.empty()) RETURN_IF_ERROR(CheckAddress("--health-listen", config.health_listen));
  if (!config.metrics_listen.empty()) RETURN_IF_ERROR(CheckAddress("--metrics-listen", config.metrics_listen));
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
  return CheckTlsFiles(config);
}

// Spans say who called, and what about.
absl::Status CheckOtlp(const Config& config) {
  if (config.otlp_endpoint.empty()) {
    return config.otlp_tls_ca.empty() ? absl::OkStatus()
                                      : absl::InvalidArgumentError("--otlp-tls-ca needs --otlp-endpoint");
  }
  RETURN_IF_ERROR(CheckAddress("--otlp-endpoint", config.otlp_endpoint));
  if (!config.otlp_tls_ca.empty()) {
    return ReadCertificate(config.otlp_tls_ca) != nullptr ? absl::OkStatus()
                                                          : NoPem("certificate", "--otlp-tls-ca", config.otlp_tls_ca);
  }
  if (config.insecure || IsLoopback(config.otlp_endpoint)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("refusing to send traces to ", config.otlp_endpoint,
                                                 " without TLS: give --otlp-tls-ca, use a collector on loopback, or "
                                                 "say --insecure"));
}

absl::Status CheckAuthentication(const Config& config) {
  const bool asked = config.require_authentication || !config.auth_file.empty();
  if (asked && config.allow_anonymous_admin) {
    return absl::InvalidArgumentError("--allow-anonymous-admin excludes --require-authentication and --auth-file");
  }
  if (!config.auth_file.empty()) {
    ASSIGN_OR_RETURN(const std::string text, auth::ReadFile(config.auth_file));
    const absl::Status parsed = auth::ParseAuthFile(text).status();
    if (!parsed.ok())
      return absl::InvalidArgumentError(absl::StrCat("--auth-file ", config.auth_file, ", ", parsed.message()));
  }
  if (asked || config.allow_anonymous_admin || IsLoopback(config.listen)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "refusing to listen on ", config.listen,
      " where whoever can connect would be the administrator: give --require-authentication (callers send API keys; "
      "`lmp-server api-key create --role ADMIN` makes the first one), or --auth-file FILE (tokens and certificates "
      "too), listen "
      "on loopback, or say --allow-anonymous-admin"));
}

}  // namespace

bool AnonymousIsAdmin(const Config& config) {
  return config.allow_anonymous_admin ||
         (IsLoopback(config.listen) && !config.require_authentication && config.auth_file.empty());
}

// Checked here, because gRPC would serve with wrong files all the same, and fail every handshake.
absl::Status CheckTlsFiles(const Config& config) {
  if (config.tls_cert.empty()) return absl::OkStatus();
  return TlsSet::Load({.cert = config.tls_cert, .key = config.tls_key, .client_ca = config.tls_client_ca}).status();
}

absl::Time CertificateExpiry(const std::string& file) {
  const Certificate certificate = ReadCertificate(file);
  std::tm end{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1)
    return absl::InfinitePast();
  return absl::FromTM(end, absl::UTCTimeZone());
}

// A name that begins like an address, 127.example, is whatever the resolver says.
bool IsLoopback(const std::string& address) {
  in_addr numeric{};
  const std::string host = address.substr(0, address.rfind(':'));
  const bool is_address = inet_pton(AF_INET, host.c_str(), &numeric) == 1 && absl::StartsWith(host, "127.");
  return is_address || absl::StartsWith(address, "[::1]:") || absl::StartsWith(address, "localhost:") ||
         absl::StartsWith(address, "unix:");
}

absl::Status ValidateDatabase(const Config& config) {
  RETURN_IF_ERROR(CheckDatabase(config));
  return config.mysql_url.empty() ? absl::OkStatus() : MysqlOptions(config).status();
}

absl::Status Validate(const Config& config) {
  RETURN_IF_ERROR(ValidateDatabase(config));
  RETURN_IF_ERROR(TokenKeySet::Load(config.token_key_files).status());
  RETURN_IF_ERROR(CheckTransport(config));
  RETURN_IF_ERROR(observe::ParseCallLog(config.log_calls, config.slow_call_ms).status());
  RETURN_IF_ERROR(CheckOtlp(config));
  if (config.history_retention_days > 0 &&
      (config.archive_events_days == 0 || config.archive_events_days >= config.history_retention_days)) {
    return absl::InvalidArgumentError(
        "--history-retention takes events out of the archive: give --archive-events-days, too, and fewer");
  }
  return CheckAuthentication(config);
}

absl::StatusOr<storage::DatabaseOptions> MysqlOptions(const Config& config) {
  ASSIGN_OR_RETURN(storage::DatabaseOptions options, storage::ParseMysqlUrl(config.mysql_url));
  if (!config.mysql_tls_ca.empty()) {
    if (!options.tls_ca.empty() && options.tls_ca != config.mysql_tls_ca) {
      return absl::InvalidArgumentError("--mysql-tls-ca and tls_ca in --mysql-url name two files: give one");
    }
    options.tls_ca = config.mysql_tls_ca;
  }
  if (!options.tls_ca.empty() && ReadCertificate(options.tls_ca) == nullptr) {
    return NoPem("certificate", "--mysql-tls-ca (or tls_ca in --mysql-url)", options.tls_ca);
  }
  if (!config.mysql_password_file.empty()) {
    ASSIGN_OR_RETURN(options.password, ReadPassword(config.mysql_password_file));
  } else if (const char* password = std::getenv("LMP_MYSQL_PASSWORD")) {
    options.password = password;
  }
  return options;
}

}  // namespace lmp::server

#include "server/settings.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "server/workers/event_archive.h"
#include "server/workers/history_retention.h"
#include "server/workers/request_expiry.h"

namespace lmp::server {
namespace {

using Transport = TransportOptions;

// clang-format off: a table
const Setting kSettings[] = {
    {"--embedded-mysql", "Start a private MariaDB or MySQL kept in this directory", Scope::kDatabase,
     &Config::embedded_mysql, "DIR"},
    {"--mysql-url", "Use this database: mysql://user@host:port/db; password in LMP_MYSQL_PASSWORD", Scope::kDatabase,
     &Config::mysql_url, "URL"},
    {"--mysql-password-file", "Read the database password from this file", Scope::kDatabase,
     &Config::mysql_password_file, "FILE"},
    {"--mysql-tls-ca", "Demand TLS from the database, verified against this CA", Scope::kDatabase,
     &Config::mysql_tls_ca, "FILE"},
    {"--auto-migrate", "Migrate the schema first (implied by --embedded-mysql)", Scope::kServe, &Config::auto_migrate},

    {"--listen", "Address to serve on", Scope::kListen, &Config::listen, "HOST:PORT"},
    {"--health-listen",
     "Address for health checks alone, in plaintext and without authentication: for probes that know neither",
     Scope::kListen, &Config::health_listen, "HOST:PORT"},
    {"--metrics-listen", "Address for metrics (http://HOST:PORT/metrics), in plaintext and without authentication",
     Scope::kServe, &Config::metrics_listen, "HOST:PORT"},
    {"--insecure", "Allow plaintext on other addresses than loopback", Scope::kServe, &Config::insecure},
    {"--tls-cert", "Certificate chain (PEM), read again when it changes", Scope::kListen, &Config::tls_cert, "FILE"},
    {"--tls-key", "Private key (PEM), read again with it", Scope::kListen, &Config::tls_key, "FILE"},
    {"--tls-client-ca", "Demand client certificates signed by this CA", Scope::kListen, &Config::tls_client_ca, "FILE"},

    {"--auth-file",
     "Issuers of tokens, and what their subjects and those of certificates may (TOML), read again when it changes",
     Scope::kServe, &Config::auth_file, "FILE"},
    {"--require-authentication", "Refuse callers without an API key, a token or a certificate, on loopback too",
     Scope::kServe, &Config::require_authentication},
    {"--allow-anonymous-admin", "Let whoever can connect do everything, on any address", Scope::kServe,
     &Config::allow_anonymous_admin},
    {"--rate-limit", "Calls a second of each caller, and twice as many at once; 0: no limit", Scope::kServe,
     &Config::rate_limit, "", 0, 1'000'000},
    {"--token-key-file",
     "Ed25519 keys (PEM) of license tokens, repeatable or parted by commas: the first signs, the others only verify; "
     "read again when they change",
     Scope::kServe, &Config::token_key_files, "FILE", 0, 0, false, /*reloadable=*/true},

    {"--log-level", "The least that is logged, info, warning or error; calls are info", Scope::kServe,
     &Config::log_level, "LEVEL", 0, 0, false, /*reloadable=*/true},
    {"--log-calls",
     "Which calls are logged: all; slow (slow calls alone); errors (and those not answered OK); sample:N (and one of N "
     "of the others). Failures of the server are logged in any case",
     Scope::kServe, &Config::log_calls, "WHICH", 0, 0, false, /*reloadable=*/true},
    {"--slow-call-ms", "Milliseconds from which on a call is slow: its line names the statements that took longest",
     Scope::kServe, &Config::slow_call_ms, "", 1, 60'000, false, /*reloadable=*/true},
    {"--otlp-endpoint", "Collector that traces are sent to, by OTLP over gRPC", Scope::kServe, &Config::otlp_endpoint,
     "HOST:PORT"},
    {"--otlp-tls-ca", "Demand TLS from the collector, verified against this CA; else it must be on loopback",
     Scope::kServe, &Config::otlp_tls_ca, "FILE"},
    {"--otlp-sample", "Of so many calls that bring no traceparent, one begins a trace; 0: none does", Scope::kServe,
     &Config::otlp_sample, "", 0, 1'000'000},

    {"--write-workers", "Threads that run write transactions", Scope::kServe, &Config::write_workers, "", 1, 64},
    {"--read-workers",
     "Threads for reads by key, and as many for lists, for CheckLicense and for streams that are behind", Scope::kServe,
     &Config::read_workers, "", 1, 64},
    {"--max-batch", "Calls that share one transaction at most", Scope::kServe, &Config::max_batch, "", 1, 256},
    {"--max-queue",
     "Calls of each kind (writes, reads by key, lists, checks) that may wait; more are refused with RESOURCE_EXHAUSTED",
     Scope::kServe, &Config::max_queue, "", 1, 1'000'000},
    {"--max-queue-mib", "Requests of each kind that may wait, in MiB", Scope::kServe, &Config::max_queue_mib, "", 1,
     65'536},
    {"--time-worker",
     "Seconds between passes that store renewals, scheduled changes, notices and ends, besides the one when a day "
     "(UTC) begins; 0: none on this server",
     Scope::kServe, &Config::time_worker_seconds, "", 0, 86'400},
    {"--request-days", "Days for which a request_id gets its first answer again", Scope::kServe, &Config::request_days,
     "", kMinRequestDays, 3'650},
    {"--archive-events-days",
     "Days after which events are moved to the archive, where they look the same to readers; 0: never by this server",
     Scope::kServe, &Config::archive_events_days, "", kMinArchiveDays, 36'500, /*may_be_zero=*/true},
    {"--history-retention",
     "Days after which archived events are taken away for good, and can't be asked about any more; 0: they are kept "
     "for "
     "ever. --archive-events-days must be set, to fewer",
     Scope::kServe, &Config::history_retention_days, "", kMinRetentionDays, 36'500, /*may_be_zero=*/true},
    {"--drain-delay", "Seconds from NOT_SERVING to refusing new calls", Scope::kServe, &Config::drain_delay_seconds, "",
     0, 600},
    {"--drain-timeout", "Seconds that calls under way get to end", Scope::kServe, &Config::drain_timeout_seconds, "", 0,
     600},

    {"--max-message-kib", "Largest request, unpacked", Scope::kServe, &Transport::max_message_kib, "", 1, 65'536},
    {"--max-metadata-kib", "Most metadata of a call, such as a bearer token: names and values, and 32 bytes for each",
     Scope::kServe, &Transport::max_metadata_kib, "", 1, 1'024},
    {"--max-streams", "Calls under way on one connection; further ones wait in their client", Scope::kServe,
     &Transport::max_streams, "", 1, 1'000'000},
    {"--max-connection-age",
     "Seconds after which a connection is ended, without harm to its calls, and its client connects anew; 0: never",
     Scope::kServe, &Transport::max_connection_age_seconds, "", 0, 31'536'000},
    {"--keepalive", "Seconds of silence after which a client is asked whether it is still there; 0: never",
     Scope::kServe, &Transport::keepalive_seconds, "", 0, 86'400},
    {"--network-memory-mib", "Memory for what is being received and sent, on all connections together", Scope::kServe,
     &Transport::network_memory_mib, "", 16, 65'536},
};
// clang-format on

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

// Returns mysql://user:password@host without the password.
std::string Masked(const std::string& url) {
  const size_t scheme = url.find("://");
  const size_t at = url.rfind('@');
  if (scheme == std::string::npos || at == std::string::npos) return url;
  const size_t colon = url.find(':', scheme + 3);
  return colon < at ? absl::StrCat(url.substr(0, colon + 1), "***", url.substr(at)) : url;
}

std::string TextOf(bool value) { return value ? "true" : "false"; }
std::string TextOf(int value) { return absl::StrCat(value); }
std::string TextOf(const std::string& value) { return Quoted(Masked(value)); }
std::string TextOf(const std::vector<std::string>& value) {
  return absl::StrCat(
      "[", absl::StrJoin(value, ", ", [](std::string* out, const std::string& one) { *out += Quoted(one); }), "]");
}
std::string TextOf(Severity value) { return Quoted(absl::AsciiStrToLower(NameOf(value))); }

struct TextOfMember {
  const Config& config;
  template <class Value>
  std::string operator()(Value Config::*member) const {
    return TextOf(config.*member);
  }
  std::string operator()(int TransportOptions::*member) const { return TextOf(config.transport.*member); }
};

}  // namespace

std::string Setting::key() const { return std::string(flag.substr(2)); }

std::string Setting::variable() const {
  return absl::StrCat("LMP_", absl::AsciiStrToUpper(absl::StrReplaceAll(key(), {{"-", "_"}})));
}

std::string Setting::range() const {
  if (most == 0) return std::string(type_name);
  return absl::StrCat(may_be_zero ? "0 or " : "", least, " to ", most);
}

bool Setting::has(int number) const { return (least <= number && number <= most) || (may_be_zero && number == 0); }

absl::Span<const Setting> Settings() { return kSettings; }

std::string ValueText(const Setting& setting, const Config& config) {
  return std::visit(TextOfMember{config}, setting.value);
}

std::string SettingsTable() {
  std::string table =
      "# Settings of lmp-server\n\n"
      "Made by `lmp-server config table`; a test compares. A flag wins over the environment, which wins over the "
      "config\n"
      "file (`--config FILE` or `LMP_CONFIG`; TOML, the key is the flag without its dashes). What is reloadable is "
      "read\n"
      "again on SIGHUP; so are certificates, keys and the auth file themselves, also when they change.\n\n"
      "| flag | environment | default | range | reloadable | |\n|---|---|---|---|---|---|\n";
  const Config defaults;
  for (const Setting& setting : Settings()) {
    absl::StrAppend(&table, "| `", setting.flag, "` | `", setting.variable(), "` | `", ValueText(setting, defaults),
                    "` | ", setting.range(), " | ", setting.reloadable ? "yes" : "", " | ", setting.help, " |\n");
  }
  return table;
}

}  // namespace lmp::server

#include "server/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "server/database_start.h"
#include "server/workers/event_archive.h"
#include "server/workers/request_expiry.h"

namespace lmp::server {
namespace {

std::string VariableOf(const std::string& flag) {
  return absl::StrCat("LMP_", absl::AsciiStrToUpper(absl::StrReplaceAll(flag, {{"-", "_"}})));
}

// The config file, below the environment in strength (CLI11 alone lets it win), and with serve's flags where one would
// write them, with or without a [serve] above.
class ConfigFile final : public CLI::ConfigTOML {
 public:
  explicit ConfigFile(const CLI::App& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> found = CLI::ConfigTOML::from_config(input);
    std::erase_if(found,
                  [](const CLI::ConfigItem& line) { return std::getenv(VariableOf(line.name).c_str()) != nullptr; });
    for (CLI::ConfigItem& line : found) {
      if (line.parents.empty() && app_.get_option_no_throw("--" + line.name) == nullptr) line.parents = {"serve"};
    }
    return found;
  }

 private:
  const CLI::App& app_;
};

void AddConfigFile(CLI::App& app) {
  // CLI11 reads the file before the environment and would not see LMP_CONFIG.
  const char* file = std::getenv("LMP_CONFIG");
  app.set_config("--config", file == nullptr ? "" : file, "Read flags from this TOML or INI file (or LMP_CONFIG)",
                 /*config_required=*/file != nullptr)
      ->type_name("FILE");
  app.config_formatter(std::make_shared<ConfigFile>(app));
  app.allow_config_extras(false);  // a misspelt key is an error
}

void AddDatabaseOptions(CLI::App& app, Config& config) {
  app.add_option("--embedded-mysql", config.embedded_mysql, "Start a private MariaDB or MySQL kept in this directory")
      ->envname("LMP_EMBEDDED_MYSQL")
      ->type_name("DIR");
  app.add_option("--mysql-url", config.mysql_url,
                 "Use this database: mysql://user@host:port/db; password in LMP_MYSQL_PASSWORD")
      ->envname("LMP_MYSQL_URL")
      ->type_name("URL");
  app.add_option("--mysql-password-file", config.mysql_password_file, "Read the database password from this file")
      ->envname("LMP_MYSQL_PASSWORD_FILE")
      ->type_name("FILE");
  app.add_option("--mysql-tls-ca", config.mysql_tls_ca, "Demand TLS from the database, verified against this CA")
      ->envname("LMP_MYSQL_TLS_CA")
      ->type_name("FILE");
}

// What `serve` listens on, and `health` asks.
void AddListenOptions(CLI::App& app, Config& config) {
  app.add_option("--listen", config.listen, "Address to serve on")
      ->envname("LMP_LISTEN")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option(
         "--health-listen", config.health_listen,
         "Address for health checks alone, in plaintext and without authentication: for probes that know neither")
      ->envname("LMP_HEALTH_LISTEN")
      ->type_name("HOST:PORT");
  app.add_option("--tls-cert", config.tls_cert, "Certificate chain (PEM), read again when it changes")
      ->envname("LMP_TLS_CERT")
      ->type_name("FILE");
  app.add_option("--tls-key", config.tls_key, "Private key (PEM)")->envname("LMP_TLS_KEY")->type_name("FILE");
  app.add_option("--tls-client-ca", config.tls_client_ca, "Demand client certificates signed by this CA")
      ->envname("LMP_TLS_CLIENT_CA")
      ->type_name("FILE");
}

void AddServeOptions(CLI::App& app, Config& config) {
  app.add_flag("--auto-migrate", config.auto_migrate, "Migrate the schema first (implied by --embedded-mysql)")
      ->envname("LMP_AUTO_MIGRATE");
  app.add_option("--metrics-listen", config.metrics_listen,
                 "Address for metrics (http://HOST:PORT/metrics), in plaintext and without authentication")
      ->envname("LMP_METRICS_LISTEN")
      ->type_name("HOST:PORT");
  app.add_flag("--insecure", config.insecure, "Allow plaintext on other addresses than loopback")
      ->envname("LMP_INSECURE");
  app.add_option(
         "--auth-file", config.auth_file,
         "Issuers of tokens, and what their subjects and those of certificates may (TOML), read again when it changes")
      ->envname("LMP_AUTH_FILE")
      ->type_name("FILE");
  app.add_flag("--require-authentication", config.require_authentication,
               "Refuse callers without an API key, a token or a certificate, on loopback too")
      ->envname("LMP_REQUIRE_AUTHENTICATION");
  app.add_flag("--allow-anonymous-admin", config.allow_anonymous_admin,
               "Let whoever can connect do everything, on any address")
      ->envname("LMP_ALLOW_ANONYMOUS_ADMIN");
  app.add_option("--rate-limit", config.rate_limit,
                 "Calls a second of each caller, and twice as many at once; 0: no limit")
      ->envname("LMP_RATE_LIMIT")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  app.add_option("--token-key-file", config.token_key_files,
                 "Ed25519 keys (PEM) of license tokens, repeatable or parted by commas: the first signs, the others "
                 "only verify; read again when they change")
      ->envname("LMP_TOKEN_KEY_FILE")
      ->type_name("FILE")
      ->delimiter(',')
      ->allow_extra_args(false);
  const std::map<std::string, Severity> levels = {
      {"info", Severity::kInfo}, {"warning", Severity::kWarning}, {"error", Severity::kError}};
  app.add_option("--log-level", config.log_level, "The least that is logged, info, warning or error; calls are info")
      ->envname("LMP_LOG_LEVEL")
      ->type_name("LEVEL")
      ->transform(CLI::CheckedTransformer(levels, CLI::ignore_case).description(""))
      ->default_str("info");
  app.add_option("--write-workers", config.write_workers, "Threads that run write transactions")
      ->envname("LMP_WRITE_WORKERS")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--read-workers", config.read_workers,
                 "Threads for reads by key, and as many for lists and for CheckLicense")
      ->envname("LMP_READ_WORKERS")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--max-batch", config.max_batch, "Calls that share one transaction at most")
      ->envname("LMP_MAX_BATCH")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--max-queue", config.max_queue,
                 "Calls of each kind (writes, reads by key, lists, checks) that may wait; more are refused with "
                 "RESOURCE_EXHAUSTED")
      ->envname("LMP_MAX_QUEUE")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_option("--max-queue-mib", config.max_queue_mib, "Requests of each kind that may wait, in MiB")
      ->envname("LMP_MAX_QUEUE_MIB")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  app.add_option("--time-worker", config.time_worker_seconds,
                 "Seconds between passes that store renewals, scheduled changes and ends; 0: none on this server")
      ->envname("LMP_TIME_WORKER")
      ->check(CLI::Range(0, 86400))
      ->capture_default_str();
  app.add_option("--request-days", config.request_days, "Days for which a request_id gets its first answer again")
      ->envname("LMP_REQUEST_DAYS")
      ->check(CLI::Range(kMinRequestDays, 3650))
      ->capture_default_str();
  app.add_option("--archive-events-days", config.archive_events_days,
                 "Days after which events are moved to the archive, where they look the same to readers; 0: never by "
                 "this server")
      ->envname("LMP_ARCHIVE_EVENTS_DAYS")
      ->check(CLI::IsMember({0}) | CLI::Range(kMinArchiveDays, 36500))
      ->capture_default_str();
  app.add_option("--drain-delay", config.drain_delay_seconds, "Seconds from NOT_SERVING to refusing new calls")
      ->envname("LMP_DRAIN_DELAY")
      ->check(CLI::Range(0, 600))
      ->capture_default_str();
  app.add_option("--drain-timeout", config.drain_timeout_seconds, "Seconds that calls under way get to end")
      ->envname("LMP_DRAIN_TIMEOUT")
      ->check(CLI::Range(0, 600))
      ->capture_default_str();
}

void AddTransportOptions(CLI::App& app, TransportOptions& transport) {
  const auto add = [&app](const char* flag, int& value, const char* help, const char* env, int least, int most) {
    app.add_option(flag, value, help)->envname(env)->check(CLI::Range(least, most))->capture_default_str();
  };
  add("--max-message-kib", transport.max_message_kib, "Largest request, unpacked", "LMP_MAX_MESSAGE_KIB", 1, 65536);
  add("--max-metadata-kib", transport.max_metadata_kib,
      "Most metadata of a call, such as a bearer token: names and values, and 32 bytes for each",
      "LMP_MAX_METADATA_KIB", 1, 1024);
  add("--max-streams", transport.max_streams, "Calls under way on one connection; further ones wait in their client",
      "LMP_MAX_STREAMS", 1, 1000000);
  add("--max-connection-age", transport.max_connection_age_seconds,
      "Seconds after which a connection is ended, without harm to its calls, and its client connects anew; 0: never",
      "LMP_MAX_CONNECTION_AGE", 0, 31536000);
  add("--keepalive", transport.keepalive_seconds,
      "Seconds of silence after which a client is asked whether it is still there; 0: never", "LMP_KEEPALIVE", 0,
      86400);
  add("--network-memory-mib", transport.network_memory_mib,
      "Memory for what is being received and sent, on all connections together", "LMP_NETWORK_MEMORY_MIB", 16, 65536);
}

void AddApiKeyCommands(CLI::App& app, ApiKeyRequest& request, std::string& id) {
  CLI::App& keys = *app.add_subcommand("api-key", "Make, list and revoke the keys of callers, in the database itself");
  keys.require_subcommand(1);
  keys.fallthrough();
  CLI::App& create = *keys.add_subcommand("create", "Make a key and print its secret, which is kept nowhere");
  create.add_option("--role", request.role, "What it may: `lmp-server permissions`")->required()->type_name("ROLE");
  create.add_option("--partner", request.partner, "Bind it to this partner")->type_name("PARTNER");
  create.add_option("--name", request.display_name, "For people: whose it is, what for")
      ->type_name("TEXT")
      ->check(CLI::Validator([](const std::string& text) { return text.size() > 128 ? "at most 128 bytes" : ""; }, ""));
  create.add_option("--days", request.days, "Days until it expires")->check(CLI::Range(1, 3650))->capture_default_str();
  keys.add_subcommand("list", "List all keys: never their secrets");
  keys.add_subcommand("revoke", "Revoke a key: within five seconds no server takes it")
      ->add_option("id", id, "Its id, or its name as `list` shows it")
      ->required();
}

}  // namespace

CommandLine::CommandLine()
    : app_(std::make_unique<CLI::App>(
          "The LMP server. Every flag can also be set as LMP_… in the environment or in a config file.",
          "lmp-server")) {
  AddConfigFile(*app_);
  app_->require_subcommand(1);
  app_->fallthrough();
  AddDatabaseOptions(*app_, config_);
  CLI::App& serve = *app_->add_subcommand(
      "serve", "Serve until SIGTERM or Ctrl-C; SIGHUP reads certificates, token keys and log level again");
  AddListenOptions(serve, config_);
  AddServeOptions(serve, config_);
  AddTransportOptions(serve, config_.transport);
  app_->add_subcommand("migrate", "Bring the database schema to this version");
  app_->add_subcommand("check", "Recompute every invariant on the database and name what breaks one");
  AddApiKeyCommands(*app_, api_key_, api_key_id_);
  app_->add_subcommand("permissions", "Print who may do what: roles, permissions and RPCs");
  CLI::App& health = *app_->add_subcommand(
      "health", "Ask the server that runs here with the same settings; exit code 0: it is well, 1: it is not, and why");
  AddListenOptions(health, health_config_);
  health
      .add_option("SERVICE", health_service_,
                  "liveness, or a service of grpc.health.v1; else whether it is ready for calls")
      ->type_name("");
  app_->add_subcommand("version", "Print the version");
}

CommandLine::~CommandLine() = default;

absl::StatusOr<Verb> CommandLine::Parse(int argc, const char* const* argv, int* exit_code) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    *exit_code = app_->exit(error) == 0 ? 0 : kExitUsage;  // 0: --help
    return absl::InvalidArgumentError(error.what());
  }
  for (const auto& [name, verb] :
       {std::pair("serve", Verb::kServe), std::pair("migrate", Verb::kMigrate), std::pair("check", Verb::kCheck),
        std::pair("health", Verb::kHealth), std::pair("permissions", Verb::kPermissions),
        std::pair("version", Verb::kVersion)}) {
    if (!app_->got_subcommand(name)) continue;
    if (verb == Verb::kHealth) config_ = health_config_;
    return verb;
  }
  const CLI::App& keys = *app_->get_subcommand("api-key");
  for (const auto& [name, verb] : {std::pair("create", Verb::kCreateApiKey), std::pair("list", Verb::kListApiKeys),
                                   std::pair("revoke", Verb::kRevokeApiKey)}) {
    if (keys.got_subcommand(name)) return verb;
  }
  *exit_code = kExitUsage;
  return absl::InvalidArgumentError("no subcommand");
}

std::vector<std::pair<std::string, std::string>> CommandLine::Settings() const {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const CLI::App* app :
       {static_cast<const CLI::App*>(app_.get()), static_cast<const CLI::App*>(app_->get_subcommand("serve"))}) {
    for (const CLI::Option* option : app->get_options()) {
      if (option->count() > 0) settings.emplace_back(option->get_name(), absl::StrJoin(option->results(), ","));
    }
  }
  return settings;
}

std::vector<std::string> NeedsRestart(const CommandLine& before, const CommandLine& after) {
  const auto is = [](const CommandLine& line) {
    const auto settings = line.Settings();
    return std::map<std::string, std::string>(settings.begin(), settings.end());
  };
  std::map<std::string, std::string> old = is(before);
  std::vector<std::string> names;
  for (const auto& [name, value] : is(after)) {
    const auto found = old.extract(name);
    if (!found.empty() && found.mapped() == value) continue;
    names.push_back(name);
  }
  for (const auto& [name, value] : old) names.push_back(name);
  std::erase_if(names, [](const std::string& name) { return name == "--log-level" || name == "--token-key-file"; });
  return names;
}

}  // namespace lmp::server

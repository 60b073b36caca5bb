// The program lmp-server: serve, migrate, check, config, health, api-key, permissions, version.
#include <signal.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/auth/api_key_secret.h"
#include "server/check.h"
#include "server/command_line.h"
#include "server/config.h"
#include "server/database_start.h"
#include "server/domain/api_key.h"
#include "server/domain/event_kinds.h"
#include "server/health_check.h"
#include "server/ids.h"
#include "server/observe/log.h"
#include "server/observe/log_writer.h"
#include "server/server.h"
#include "server/service_manager.h"
#include "server/services/api_keys.h"
#include "server/services/permissions_table.h"
#include "server/settings.h"
#include "server/version.h"
#include "storage/api_keys.h"
#include "storage/history_chain.h"
#include "storage/mysql/database.h"
#include "storage/mysql/migrator.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitViolations = 3;

struct Arguments {
  int argc;
  const char* const* argv;
};

// On SIGHUP: parses the same command line again, with the config file and the environment as they are now.
void Reload(const Arguments& arguments, const CommandLine& before, Server& server) {
  CommandLine now;
  int unused = 0;
  absl::Status status = now.Parse(arguments.argc, arguments.argv, &unused).status();
  if (status.ok()) status = Validate(now.config());
  if (!status.ok()) {
    return Log(Severity::kError, "the settings can't be read again: all stay as they were",
               {{"error", status.message()}});
  }
  server.Reload(now.config());
  const std::string later = absl::StrJoin(NeedsRestart(before, now), " ");
  if (!later.empty())
    Log(Severity::kWarning, "these settings take effect at the next start only", {{"settings", later}});
}

// Serves, and waits in this thread for signals until one ends the server: nothing runs in a signal handler.
absl::Status Serve(const Arguments& arguments, const CommandLine& line) {
  TakeLogsOfLibraries();
  SetLogLevel(line.config().log_level);
  signal(SIGPIPE, SIG_IGN);  // the reader of the log may go away
  sigset_t signals;
  sigemptyset(&signals);
  for (int wanted : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, wanted);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  absl::Mutex mutex;
  absl::Status failure;
  ASSIGN_OR_RETURN(const auto server, Server::Start(line.config(), [&](const absl::Status& status) {
                     absl::MutexLock lock(&mutex);
                     failure = status;
                     kill(getpid(), SIGTERM);
                   }));
  int signal = 0;
  while (sigwait(&signals, &signal) != 0 || signal == SIGHUP) {
    if (signal == SIGHUP) Reload(arguments, line, *server);
  }
  TellServiceManager("STOPPING=1\nSTATUS=draining");
  Log(Severity::kInfo, "draining", {{"signal", static_cast<int64_t>(signal)}});
  server->Drain();
  Log(Severity::kInfo, "stopped");
  absl::MutexLock lock(&mutex);
  return failure;
}

absl::Status Migrate(const Config& config) {
  ASSIGN_OR_RETURN(OpenedDatabase opened, OpenDatabase(config, IfMissing::kMake));
  opened.options.read_timeout = absl::InfiniteDuration();  // because DDL takes its time
  ASSIGN_OR_RETURN(const auto connection, storage::Connection::Open(opened.options));
  storage::MigrateOptions options;
  options.progress = [](const storage::Migration& migration, int statement, int statements) {
    std::cout << "migration " << migration.version << " " << migration.name << ": statement " << statement << " of "
              << statements << std::endl;
  };
  options.waiting = [](const std::string& why) { std::cout << why << std::endl; };
  RETURN_IF_ERROR(storage::Migrate(*connection, options));
  ASSIGN_OR_RETURN(const int version, storage::SchemaVersion(*connection));
  std::cout << "schema is at version " << version << std::endl;
  return absl::OkStatus();
}

absl::StatusOr<int> Check(const Config& config, bool history, const std::vector<std::string>& known_heads) {
  std::vector<storage::KnownHead> known;
  for (const std::string& text : known_heads) {
    ASSIGN_OR_RETURN(known.emplace_back(), storage::ParseKnownHead(text));
  }
  ASSIGN_OR_RETURN(const OpenedDatabase opened, OpenDatabase(config, IfMissing::kRefuse));
  storage::Database database(opened.options, 1);
  CheckReport report;
  RETURN_IF_ERROR(database.Snapshot(absl::InfiniteFuture(), [&](storage::Connection& connection) -> absl::Status {
    RETURN_IF_ERROR(storage::CheckSchema(connection, kOldestSchema, kNewestSchema));
    ASSIGN_OR_RETURN(const int64_t estimate, RowsToCheck(connection));
    CheckProgress progress(estimate, absl::Now());
    ASSIGN_OR_RETURN(report, CheckDatabase(
                                 connection, absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()),
                                 [](const std::string& violation) { std::cout << violation << std::endl; },
                                 [&](int64_t rows) {
                                   const std::string line = progress.Line(rows, absl::Now());
                                   if (!line.empty()) std::cerr << line << std::endl;
                                 }));
    if (!history) return absl::OkStatus();
    ASSIGN_OR_RETURN(const storage::ChainReport chain, storage::VerifyChain(connection, known));
    if (chain.broken != 0) ++report.violations;
    if (chain.broken != 0)
      std::cout << "history: broken at sequence " << chain.broken << ": " << chain.why << std::endl;
    std::cout << chain.events << " events of the history are as they were recorded";
    if (chain.erased > 0) std::cout << ", " << chain.erased << " of them without what was erased";
    if (chain.before > 0) std::cout << "; the " << chain.before << " before them are not kept any more";
    std::cout << std::endl;
    return absl::OkStatus();
  }));
  std::cout << report.rows << " rows checked, " << report.violations << " violations" << std::endl;
  return report.violations == 0 ? 0 : kExitViolations;
}

// Runs `f` in a transaction on the database that the config names; its schema must be ours.
absl::Status InDatabase(const Config& config, absl::FunctionRef<absl::Status(storage::Connection&)> f) {
  ASSIGN_OR_RETURN(const OpenedDatabase opened, OpenDatabase(config, IfMissing::kRefuse));
  storage::Database database(opened.options, 1);
  return database.Transact(absl::Now() + absl::Seconds(30), [&](storage::Connection& connection) -> absl::Status {
    RETURN_IF_ERROR(storage::CheckSchema(connection, kOldestSchema, kNewestSchema));
    return f(connection);
  });
}

// Of what is done in the database itself.
model::Event EventHeader(const char* kind, absl::Time now) {
  return {.event_time = absl::FromUnixMicros(absl::ToUnixMicros(now)), .actor = "lmp-server", .kind = kind};
}

absl::Status CreateApiKey(const Config& config, const ApiKeyRequest& request) {
  SystemIds ids;
  const absl::Time now = absl::Now();
  ASSIGN_OR_RETURN(NewApiKey made, MakeApiKey(request, ids.NewId(now), now));
  RETURN_IF_ERROR(InDatabase(config, [&](storage::Connection& connection) {
    return storage::InsertApiKey(connection, made.key, EventHeader(domain::event::kApiKeyCreated, now));
  }));
  std::cerr << domain::NameOf(made.key) << ", " << request.role << ", expires "
            << absl::FormatTime("%Y-%m-%d", made.key.expire_time, absl::UTCTimeZone())
            << "; this is its secret, which is kept nowhere else:" << std::endl;
  std::cout << made.secret << std::endl;
  auth::Wipe(made.secret);
  return absl::OkStatus();
}

absl::Status ListApiKeys(const Config& config) {
  std::vector<model::ApiKey> keys;
  RETURN_IF_ERROR(InDatabase(config, [&keys](storage::Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(keys, storage::LoadApiKeys(connection));
    return absl::OkStatus();
  }));
  const auto day = [](absl::Time time) { return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone()); };
  const absl::Time now = absl::Now();
  std::cout << "NAME\tROLE\tSTATE\tEXPIRES\tLAST USED\tFOR" << std::endl;
  for (const model::ApiKey& key : keys) {
    std::cout << domain::NameOf(key) << "\t" << absl::StrJoin(key.roles, ",") << "\t"
              << model::NameOf(domain::StateOf(key, now)) << "\t" << day(key.expire_time) << "\t"
              << (key.last_use_time.has_value() ? day(*key.last_use_time) : "-") << "\t" << key.display_name
              << std::endl;
  }
  return absl::OkStatus();
}

absl::Status RevokeApiKey(const Config& config, const std::string& name) {
  const std::string id = name.substr(name.rfind('/') + 1);  // without a slash it is the whole
  return InDatabase(config, [&](storage::Connection& connection) {
    return storage::RevokeApiKey(connection, id, EventHeader(domain::event::kApiKeyRevoked, absl::Now()));
  });
}

int Finish(const absl::Status& status) {
  if (status.ok()) return 0;
  WriteBriefly(STDERR_FILENO, absl::StrCat("lmp-server: ", ExplainToOperator(status), "\n"), LogWriter::kLastWait);
  return absl::IsInvalidArgument(status) ? kExitUsage : kExitFailure;
}

int Print(const std::string& text) {
  std::cout << text << std::flush;
  return std::cout.good() ? 0 : kExitFailure;
}

int Main(int argc, char** argv) {
  // Debian builds Abseil for debugging, and its deadlock detection would cost 7 to 18 % under load.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  CommandLine line;
  int exit_code = 0;
  const absl::StatusOr<Verb> verb = line.Parse(argc, argv, &exit_code);
  if (!verb.ok()) return exit_code;
  if (*verb == Verb::kVersion) {
    std::cout << "lmp-server " << Version() << " (schema " << kOldestSchema << " to " << kNewestSchema << ")"
              << std::endl;
    return 0;
  }
  const Config& config = line.config();
  if (*verb == Verb::kPermissions) return Print(PermissionsTable());
  if (*verb == Verb::kPrintSettingsTable) return Print(SettingsTable());
  if (*verb == Verb::kPrintConfig) return Print(line.PrintConfig());
  if (*verb == Verb::kCheckConfig) {
    const absl::Status valid = Validate(config);
    return valid.ok() ? Print("the settings are valid\n") : Finish(valid);
  }
  if (*verb == Verb::kHealth) return Finish(CheckHealth(config, line.health_service()));
  const absl::Status valid = *verb == Verb::kServe ? Validate(config) : ValidateDatabase(config);
  if (!valid.ok()) return Finish(valid);
  if (*verb == Verb::kServe) return Finish(Serve({argc, argv}, line));
  if (*verb == Verb::kMigrate) return Finish(Migrate(config));
  if (*verb == Verb::kCreateApiKey) return Finish(CreateApiKey(config, line.api_key()));
  if (*verb == Verb::kListApiKeys) return Finish(ListApiKeys(config));
  if (*verb == Verb::kRevokeApiKey) return Finish(RevokeApiKey(config, line.api_key_id()));
  const absl::StatusOr<int> code = Check(config, line.check_history(), line.known_heads());
  return code.ok() ? *code : Finish(code.status());
}

}  // namespace
}  // namespace lmp::server

int main(int argc, char** argv) { return lmp::server::Main(argc, argv); }

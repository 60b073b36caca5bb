// lmp-server: serve, migrate, check, health, version.
#include <signal.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/check.h"
#include "server/command_line.h"
#include "server/config.h"
#include "server/database_start.h"
#include "server/health_check.h"
#include "server/log.h"
#include "server/log_writer.h"
#include "server/server.h"
#include "server/service_manager.h"
#include "server/version.h"
#include "storage/database.h"
#include "storage/migrator.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitViolations = 3;

struct Arguments {
  int argc;
  const char* const* argv;
};

// SIGHUP: the same command line, with the config file and the environment as they are now.
void Reload(const Arguments& arguments, const CommandLine& before, Server& server) {
  CommandLine now;
  int unused = 0;
  absl::Status status = now.Parse(arguments.argc, arguments.argv, &unused).status();
  if (status.ok()) status = Validate(now.config());
  if (!status.ok()) {
    return Log(Severity::kError, "the settings can't be read again: all stay as they were", {{"error", status.message()}});
  }
  server.Reload(now.config());
  const std::string later = absl::StrJoin(NeedsRestart(before, now), " ");
  if (!later.empty()) Log(Severity::kWarning, "these settings take effect at the next start only", {{"settings", later}});
}

// Waits for signals, in this thread, until one says that it is over: nothing runs in a signal handler.
absl::Status Serve(const Arguments& arguments, const CommandLine& line) {
  TakeGrpcLog();
  SetLogLevel(line.config().log_level);
  signal(SIGPIPE, SIG_IGN);  // who reads the log may leave
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
  opened.options.read_timeout = absl::InfiniteDuration();  // DDL takes its time
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

absl::StatusOr<int> Check(const Config& config) {
  ASSIGN_OR_RETURN(const OpenedDatabase opened, OpenDatabase(config, IfMissing::kRefuse));
  storage::Database database(opened.options, 1);
  CheckReport report;
  RETURN_IF_ERROR(database.Snapshot(absl::InfiniteFuture(), [&](storage::Connection& connection) -> absl::Status {
    RETURN_IF_ERROR(storage::CheckSchema(connection, kOldestSchema, kNewestSchema));
    ASSIGN_OR_RETURN(report, CheckDatabase(connection, absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()),
                                           [](const std::string& violation) { std::cout << violation << std::endl; }));
    return absl::OkStatus();
  }));
  std::cout << report.rows << " rows checked, " << report.violations << " violations" << std::endl;
  return report.violations == 0 ? 0 : kExitViolations;
}

int Finish(const absl::Status& status) {
  if (status.ok()) return 0;
  WriteBriefly(STDERR_FILENO, absl::StrCat("lmp-server: ", ExplainToOperator(status), "\n"), LogWriter::kLastWait);
  return absl::IsInvalidArgument(status) ? kExitUsage : kExitFailure;
}

int Main(int argc, char** argv) {
  // Debian builds Abseil for debugging: its deadlock detection costs 7 to 18 % under load.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  CommandLine line;
  int exit_code = 0;
  const absl::StatusOr<Verb> verb = line.Parse(argc, argv, &exit_code);
  if (!verb.ok()) return exit_code;
  if (*verb == Verb::kVersion) {
    std::cout << "lmp-server " << Version() << " (schema " << kOldestSchema << " to " << kNewestSchema << ")" << std::endl;
    return 0;
  }
  const Config& config = line.config();
  if (*verb == Verb::kHealth) return Finish(CheckHealth(config, line.health_service()));
  const absl::Status valid = *verb == Verb::kServe ? Validate(config) : ValidateDatabase(config);
  if (!valid.ok()) return Finish(valid);
  if (*verb == Verb::kServe) return Finish(Serve({argc, argv}, line));
  if (*verb == Verb::kMigrate) return Finish(Migrate(config));
  const absl::StatusOr<int> code = Check(config);
  return code.ok() ? *code : Finish(code.status());
}

}  // namespace
}  // namespace lmp::server

int main(int argc, char** argv) { return lmp::server::Main(argc, argv); }

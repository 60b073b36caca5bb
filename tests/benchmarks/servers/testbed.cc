#include "tests/benchmarks/servers/testbed.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/servers/direct.h"

namespace lmp::bench {

absl::StatusOr<std::unique_ptr<Testbed>> Testbed::Start(const Options& options) {
  auto testbed = std::unique_ptr<Testbed>(new Testbed(options));
  RETURN_IF_ERROR(testbed->Open());
  return testbed;
}

absl::Status Testbed::Open() {
  RETURN_IF_ERROR(directory_.Make());
  const std::string& directory = directory_.path();
  ASSIGN_OR_RETURN(lmp_, StartService(options_.server_program, options_.server_arguments, directory));
  ASSIGN_OR_RETURN(echo_process_, StartServer({options_.bench_program, "--echo-server"}, directory, "echo.log"));
  const std::string socket = SocketIn(directory);
  ASSIGN_OR_RETURN(floor_process_,
                   StartServer({options_.bench_program, "--floor-server", "--socket", socket}, directory, "floor.log"));
  ASSIGN_OR_RETURN(loop_process_,
                   StartServer({options_.bench_program, "--loop-server", "--socket", socket}, directory, "loop.log"));
  database_pid_ = ReadPid(absl::StrCat(directory, "/db/run/mysqld.pid"));
  service_ = Connect(lmp_.port, options_.channels);
  echo_ = Connect(echo_process_.port, options_.channels);
  floor_ = Connect(floor_process_.port, options_.channels);
  loop_ = Connect(loop_process_.port, options_.channels);

  const storage::DatabaseOptions database = BenchDatabase(socket);
  ASSIGN_OR_RETURN(side_, storage::Connection::Open(database));
  int wanted = 1;
  for (const int callers : options_.callers) wanted = callers <= kMostConnections ? std::max(wanted, callers) : wanted;
  while (wanted-- > 0) {
    ASSIGN_OR_RETURN(connections_.emplace_back(), storage::Connection::Open(database));
  }
  customers_.emplace(*side_);
  return CreateCatalog(*side_);
}

Testbed::~Testbed() {
  connections_.clear();
  side_.reset();
  for (ServerProcess* server : {&echo_process_, &floor_process_, &loop_process_, &lmp_}) {
    if (server->child != nullptr) StopServer(*server);
  }
}

absl::StatusOr<int64_t> Testbed::StatementsSoFar() {
  ASSIGN_OR_RETURN(const auto rows, side_->Query("SHOW GLOBAL STATUS LIKE 'Questions'", {}));
  return rows->Next() ? std::atoll(rows->String(1).c_str()) : 0;
}

pid_t Testbed::PidOf(Target target) const {
  switch (target) {
    case Target::kService:
      return lmp_.child->pid();
    case Target::kEcho:
      return echo_process_.child->pid();
    case Target::kFloor:
      return floor_process_.child->pid();
    case Target::kLoop:
      return loop_process_.child->pid();
    case Target::kDatabase:
      return 0;
  }
  return 0;
}

absl::Status Testbed::Measure(const std::string& name, int callers, const std::function<Run()>& load, Target target) {
  struct Snapshot {
    Usage server, database, client;
  };
  const pid_t server = PidOf(target);
  const auto snapshot = [&] { return Snapshot{UsageOf(server), UsageOf(database_pid_), UsageOf(getpid())}; };
  ASSIGN_OR_RETURN(const int64_t statements_before, StatementsSoFar());
  const Snapshot before = snapshot();
  const Run run = load();
  const Snapshot after = snapshot();
  ASSIGN_OR_RETURN(const int64_t statements_after, StatementsSoFar());
  if (run.errors > 0) {
    return absl::InternalError(
        absl::StrCat(name, ": ", run.errors, " of ", run.calls, " calls failed: ", run.first_error));
  }
  if (run.calls == 0) return absl::InternalError(absl::StrCat(name, ": no call"));
  const double calls = static_cast<double>(run.calls);
  measurements_[{name, callers}].push_back(
      {.rate = calls / run.seconds,
       .p50_us = run.latencies.Percentile(0.5),
       .p90_us = run.latencies.Percentile(0.9),
       .p99_us = run.latencies.Percentile(0.99),
       .p999_us = run.latencies.Percentile(0.999),
       .max_us = run.latencies.Percentile(1),
       .server_us = (after.server.cpu_us - before.server.cpu_us) / calls,
       .database_us = (after.database.cpu_us - before.database.cpu_us) / calls,
       .client_us = (after.client.cpu_us - before.client.cpu_us) / calls,
       .statements = static_cast<double>(statements_after - statements_before - 1) / calls,
       .switches = (after.server.switches - before.server.switches) / calls,
       .server_mb = server == 0 ? 0 : MemoryMb(server, "VmRSS")});
  return absl::OkStatus();
}

absl::StatusOr<ServerProcess> Testbed::StartBeside(const std::vector<std::string>& arguments) {
  const std::string url = absl::StrCat("mysql://root@localhost/lmp?socket=", SocketIn(directory_.path()));
  std::vector<std::string> argv = {options_.server_program, "serve", "--listen", "127.0.0.1:0", "--mysql-url", url};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return StartServer(argv, directory_.path(), absl::StrCat("another-", started_++, ".log"));
}

absl::StatusOr<Testbed::StartFigures> Testbed::StartAnother() {
  ASSIGN_OR_RETURN(ServerProcess another, StartBeside({}));
  const StartFigures start{.seconds = another.start_seconds, .idle_mb = MemoryMb(another.child->pid(), "VmRSS")};
  StopServer(another);
  return start;
}

}  // namespace lmp::bench

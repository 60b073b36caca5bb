#include "tests/benchmarks/testbed.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "storage/status_macros.h"

namespace lmp::bench {
namespace {

absl::StatusOr<std::string> NewDirectory() {
  std::string directory = (std::filesystem::temp_directory_path() / "lmp-bench-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) return absl::InternalError("can't make a temporary directory");
  chmod(directory.c_str(), 0755);  // the database runs as another user if we are root
  return directory;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Testbed>> Testbed::Start(const Options& options) {
  auto testbed = std::unique_ptr<Testbed>(new Testbed(options));
  RETURN_IF_ERROR(testbed->Open());
  return testbed;
}

absl::Status Testbed::Open() {
  ASSIGN_OR_RETURN(directory_, NewDirectory());
  std::vector<std::string> argv = {options_.server_program, "serve", "--listen", "127.0.0.1:0",
                                   "--embedded-mysql", absl::StrCat(directory_, "/db")};
  argv.insert(argv.end(), options_.server_arguments.begin(), options_.server_arguments.end());
  ASSIGN_OR_RETURN(lmp_, StartServer(argv, directory_, "lmp-server.log"));
  ASSIGN_OR_RETURN(echo_process_, StartServer({options_.bench_program, "--echo-server"}, directory_, "echo.log"));
  database_pid_ = ReadPid(absl::StrCat(directory_, "/db/run/mysqld.pid"));
  service_ = Connect(lmp_.port, options_.channels);
  echo_ = Connect(echo_process_.port, options_.channels);

  const storage::DatabaseOptions database{.socket = absl::StrCat(directory_, "/db/run/mysqld.sock"), .user = "root",
                                          .database = "lmp"};
  ASSIGN_OR_RETURN(side_, storage::Connection::Open(database));
  for (int i = *std::max_element(options_.callers.begin(), options_.callers.end()); i > 0; --i) {
    ASSIGN_OR_RETURN(connections_.emplace_back(), storage::Connection::Open(database));
  }
  customers_.emplace(*side_);
  return CreateCatalogue(*side_);
}

Testbed::~Testbed() {
  connections_.clear();
  side_.reset();
  if (echo_process_.child != nullptr) StopServer(echo_process_);
  if (lmp_.child != nullptr) StopServer(lmp_);
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

absl::StatusOr<int64_t> Testbed::StatementsSoFar() {
  ASSIGN_OR_RETURN(const auto rows, side_->Query("SHOW GLOBAL STATUS LIKE 'Questions'", {}));
  return rows->Next() ? std::atoll(rows->String(1).c_str()) : 0;
}

Testbed::Cpu Testbed::CpuSoFar() const {
  return {.servers = CpuMicros(lmp_.child->pid()) + CpuMicros(echo_process_.child->pid()),
          .database = CpuMicros(database_pid_),
          .client = CpuMicros(getpid())};
}

absl::Status Testbed::Measure(const std::string& name, int callers, const std::function<Run()>& load) {
  ASSIGN_OR_RETURN(const int64_t statements_before, StatementsSoFar());
  const Cpu before = CpuSoFar();
  const Run run = load();
  const Cpu after = CpuSoFar();
  ASSIGN_OR_RETURN(const int64_t statements_after, StatementsSoFar());
  if (run.errors > 0) {
    return absl::InternalError(
        absl::StrCat(name, ": ", run.errors, " of ", run.calls, " calls failed: ", run.first_error));
  }
  if (run.calls == 0) return absl::InternalError(absl::StrCat(name, ": no call"));
  const double calls = static_cast<double>(run.calls);
  measurements_[{name, callers}].push_back(
      {.rate = calls / run.seconds,
       .p50_us = Percentile(run.latencies_us, 0.5),
       .p99_us = Percentile(run.latencies_us, 0.99),
       .server_us = (after.servers - before.servers) / calls,
       .database_us = (after.database - before.database) / calls,
       .client_us = (after.client - before.client) / calls,
       .statements = static_cast<double>(statements_after - statements_before - 1) / calls});
  return absl::OkStatus();
}

absl::StatusOr<Testbed::StartFigures> Testbed::StartAnother() {
  const std::string url = absl::StrCat("mysql://root@localhost/lmp?socket=", directory_, "/db/run/mysqld.sock");
  ASSIGN_OR_RETURN(ServerProcess another,
                   StartServer({options_.server_program, "serve", "--listen", "127.0.0.1:0", "--mysql-url", url},
                               directory_, absl::StrCat("another-", started_++, ".log")));
  const StartFigures start{.seconds = another.start_seconds, .idle_mb = MemoryMb(another.child->pid(), "VmRSS")};
  StopServer(another);
  return start;
}

}  // namespace lmp::bench

// The service on an embedded database of its own, the three servers that are its ceilings, and connections to all of
// them, in a directory that is gone afterwards.
#ifndef LMP_TESTS_BENCHMARKS_SERVERS_TESTBED_H_
#define LMP_TESTS_BENCHMARKS_SERVERS_TESTBED_H_

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/benchmarks/fill/catalog.h"
#include "tests/benchmarks/load/load.h"
#include "tests/benchmarks/report/stats.h"
#include "tests/benchmarks/servers/process.h"
#include "tests/benchmarks/servers/temporary_directory.h"

namespace lmp::bench {

// Most connections of the bench itself: of the 200 that an embedded database takes, the servers need a few.
inline constexpr int kMostConnections = 160;

struct Options {
  std::string server_program;                 // lmp-server
  std::string bench_program;                  // this very program, for its own servers
  std::vector<std::string> server_arguments;  // further ones for lmp-server
  int rounds = 5;
  std::vector<int> callers = {1, 8, 32, 64, 200};
  double seconds = 0.6;  // of a closed-loop run of reads or of the mixed load
  int check_customers = 1024;
  int assigns = 1500;         // of a run of writes
  double open_seconds = 4;    // of an open-loop run
  std::vector<double> rates;  // of open-loop runs, calls/s; none: parts of the closed-loop rate
  std::vector<std::string> loads = {"check", "get", "assign", "mixed"};  // of open-loop runs
  double soak_minutes = 1;                                               // of the mixed load in steady state
  int channels = 4;
  int due_customers = 1000;      // at midnight
  int large_licenses = 9'900;    // of the customer that has much; 10 000 is as many as one may have
  int large_of_product = 490;    // of one product, of which it may have 500
  double overload_seconds = 60;  // of the flood; some seconds of the usual load come before and after

  // The number of callers that the table judges by.
  int judged() const { return std::find(callers.begin(), callers.end(), 64) != callers.end() ? 64 : callers.back(); }
};

// Who answers a load.
enum class Target { kService, kEcho, kFloor, kLoop, kDatabase };

class Testbed final {
 public:
  static absl::StatusOr<std::unique_ptr<Testbed>> Start(const Options& options);
  ~Testbed();

  const Options& options() const { return options_; }
  const Stubs& service() const { return service_; }
  const Stubs& echo() const { return echo_; }
  const Stubs& floor() const { return floor_; }
  const Stubs& loop() const { return loop_; }
  const Connections& connections() const { return connections_; }  // as many as callers, but see kMostConnections
  storage::Connection& side() { return *side_; }                   // for everything but measuring
  CustomerMaker& customers() { return *customers_; }
  int service_port() const { return lmp_.port; }
  pid_t service_pid() const { return PidOf(Target::kService); }
  pid_t database_pid() const { return database_pid_; }

  // Runs the load and adds its sample to the measurements. Errors of calls are errors of the bench.
  absl::Status Measure(const std::string& name, int callers, const std::function<Run()>& load,
                       Target target = Target::kService);
  // The same of a server that is not the testbed's.
  absl::Status MeasureServer(const std::string& name, int callers, const std::function<Run()>& load, pid_t server);
  const Measurements& measurements() const { return measurements_; }
  const std::string& directory() const { return directory_.path(); }

  // Another lmp-server on the same, migrated database, with these arguments. To be stopped by who started it.
  absl::StatusOr<ServerProcess> StartBeside(const std::vector<std::string>& arguments);

  // A second lmp-server on the same, migrated database: seconds until it serves, and its memory then.
  struct StartFigures {
    double seconds = 0;
    double idle_mb = 0;
  };
  absl::StatusOr<StartFigures> StartAnother();
  int echo_port() const { return echo_process_.port; }
  double start_with_database_seconds() const { return lmp_.start_seconds; }

 private:
  explicit Testbed(const Options& options) : options_(options) {}
  absl::Status Open();
  absl::StatusOr<int64_t> StatementsSoFar();
  pid_t PidOf(Target target) const;

  const Options options_;
  TemporaryDirectory directory_;
  ServerProcess lmp_;
  ServerProcess echo_process_;
  ServerProcess floor_process_;
  ServerProcess loop_process_;
  pid_t database_pid_ = 0;
  Stubs service_;
  Stubs echo_;
  Stubs floor_;
  Stubs loop_;
  Connections connections_;
  std::unique_ptr<storage::Connection> side_;
  std::optional<CustomerMaker> customers_;
  Measurements measurements_;
  int started_ = 0;
};

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_SERVERS_TESTBED_H_

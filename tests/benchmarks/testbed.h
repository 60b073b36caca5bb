// The service on an embedded database of its own, the echo server, and connections to both, all in a directory that is
// gone afterwards.
#ifndef LMP_TESTS_BENCHMARKS_TESTBED_H_
#define LMP_TESTS_BENCHMARKS_TESTBED_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/benchmarks/catalogue.h"
#include "tests/benchmarks/load.h"
#include "tests/benchmarks/process.h"
#include "tests/benchmarks/stats.h"

namespace lmp::bench {

struct Options {
  std::string server_program;                  // lmp-server
  std::string bench_program;                   // this very program, for the echo server
  std::vector<std::string> server_arguments;   // further ones for lmp-server
  int rounds = 5;
  std::vector<int> callers = {1, 8, 32, 64};
  double seconds = 0.6;       // of a run of reads
  int check_customers = 1024;
  int assigns = 1500;         // of a run of writes
  int channels = 4;
};

class Testbed final {
 public:
  static absl::StatusOr<std::unique_ptr<Testbed>> Start(const Options& options);
  ~Testbed();

  const Options& options() const { return options_; }
  const Stubs& service() const { return service_; }
  const Stubs& echo() const { return echo_; }
  const Connections& connections() const { return connections_; }
  storage::Connection& side() { return *side_; }  // for everything but measuring
  CustomerMaker& customers() { return *customers_; }
  pid_t service_pid() const { return lmp_.child->pid(); }

  // Runs the load and adds its sample to the measurements. Errors of calls are errors of the bench.
  absl::Status Measure(const std::string& name, int callers, const std::function<Run()>& load);
  const Measurements& measurements() const { return measurements_; }

  // A second lmp-server on the same, migrated database: seconds until it serves, and its memory then.
  struct StartFigures {
    double seconds = 0;
    double idle_mb = 0;
  };
  absl::StatusOr<StartFigures> StartAnother();
  double start_with_database_seconds() const { return lmp_.start_seconds; }

 private:
  explicit Testbed(const Options& options) : options_(options) {}
  absl::Status Open();
  absl::StatusOr<int64_t> StatementsSoFar();
  struct Cpu {
    double servers, database, client;  // microseconds; of the two servers only one is at work
  };
  Cpu CpuSoFar() const;

  const Options options_;
  std::string directory_;
  ServerProcess lmp_;
  ServerProcess echo_process_;
  pid_t database_pid_ = 0;
  Stubs service_;
  Stubs echo_;
  Connections connections_;
  std::unique_ptr<storage::Connection> side_;
  std::optional<CustomerMaker> customers_;
  Measurements measurements_;
  int started_ = 0;
};

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_TESTBED_H_

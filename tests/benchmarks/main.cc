// lmp-bench: starts the service on a database of its own, measures it beside its ceilings, prints the table of
// design/performance.md. README.md says how to read it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/echo_server.h"
#include "tests/benchmarks/report.h"
#include "tests/benchmarks/scenarios.h"
#include "tests/benchmarks/testbed.h"

namespace lmp::bench {
namespace {

struct Flags {
  bool echo_server = false;
  bool quick = false;
  bool smoke = false;
  std::vector<std::string> only;
  std::string json;
  Options options;
};

absl::Status Bench(const Flags& flags) {
  const auto wanted = [&](const char* part) {
    return flags.only.empty() || std::find(flags.only.begin(), flags.only.end(), part) != flags.only.end();
  };
  ASSIGN_OR_RETURN(const auto testbed, Testbed::Start(flags.options));
  ProcessFigures process;
  if (wanted("reads")) RETURN_IF_ERROR(MeasureReads(*testbed));
  if (wanted("writes")) RETURN_IF_ERROR(MeasureWrites(*testbed));
  if (wanted("process")) {
    ASSIGN_OR_RETURN(process, MeasureProcess(*testbed));
  }
  const std::vector<Verdict> verdicts =
      Judge(testbed->measurements(), wanted("process") ? &process : nullptr, flags.options.callers.back());
  PrintRuns(testbed->measurements());
  PrintVerdicts(verdicts);
  if (!flags.json.empty()) {
    std::ofstream file(flags.json);
    file << ToJson(testbed->measurements(), verdicts).dump(1) << std::endl;
    if (!file) return absl::InternalError("can't write " + flags.json);
  }
  return absl::OkStatus();
}

// Enough to see that everything works, and nothing about how fast it is.
void ApplySmoke(Options& options) {
  options.rounds = 1;
  options.callers = {1, 8};
  options.seconds = 0.02;
  options.check_customers = 16;
  options.assigns = 32;
}

int Main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as in the service
  Flags flags;
  Options& options = flags.options;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
  options.bench_program = self.string();
  options.server_program = (self.parent_path() / "lmp-server").string();
  CLI::App app("Measures lmp-server beside its ceilings, in one run on one machine", "lmp-bench");
  app.add_flag("--quick", flags.quick, "Under two minutes: 5 rounds instead of 11");
  app.add_flag("--smoke", flags.smoke, "A second or two: only whether everything works");
  app.add_option("--only", flags.only, "Only these parts: reads, writes, process")
      ->check(CLI::IsMember({"reads", "writes", "process"}));
  app.add_option("--rounds", options.rounds, "Interleaved rounds")->capture_default_str();
  app.add_option("--callers", options.callers, "Numbers of callers, ascending")->capture_default_str();
  app.add_option("--seconds", options.seconds, "Length of one run of reads")->capture_default_str();
  app.add_option("--assigns", options.assigns, "Calls of one run of writes")->capture_default_str();
  app.add_option("--channels", options.channels, "TCP connections of the load generator to a server")
      ->capture_default_str();
  app.add_option("--server", options.server_program, "The lmp-server to measure")->capture_default_str();
  app.add_option("--server-arg", options.server_arguments, "A further argument for it (--server-arg=--max-batch=16)");
  app.add_option("--json", flags.json, "Write all figures to this file")->type_name("FILE");
  app.add_flag("--echo-server", flags.echo_server, "Be the echo server (for the bench itself)");
  CLI11_PARSE(app, argc, argv);
  if (flags.echo_server) return RunEchoServer();
  if (flags.smoke) ApplySmoke(options);
  if (!flags.quick && !flags.smoke && app.count("--rounds") == 0) options.rounds = 11;
  const absl::Status status = Bench(flags);
  if (status.ok()) return 0;
  std::cerr << "lmp-bench: " << status.message() << std::endl;
  return 1;
}

}  // namespace
}  // namespace lmp::bench

int main(int argc, char** argv) { return lmp::bench::Main(argc, argv); }

// lmp-bench: starts the service on a database of its own, measures it beside its ceilings, prints the table of
// design/performance.md. README.md says how to read it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/report/plot.h"
#include "tests/benchmarks/report/report.h"
#include "tests/benchmarks/scenarios/authentication.h"
#include "tests/benchmarks/scenarios/growth.h"
#include "tests/benchmarks/scenarios/limits.h"
#include "tests/benchmarks/scenarios/observing.h"
#include "tests/benchmarks/scenarios/overload.h"
#include "tests/benchmarks/scenarios/scenarios.h"
#include "tests/benchmarks/scenarios/verdicts.h"
#include "tests/benchmarks/scenarios/watch.h"
#include "tests/benchmarks/servers/echo_server.h"
#include "tests/benchmarks/servers/floor_server.h"
#include "tests/benchmarks/servers/testbed.h"

namespace lmp::bench {
namespace {

struct Flags {
  bool echo_server = false;
  bool floor_server = false;
  bool loop_server = false;
  std::string socket;
  bool quick = false;
  bool smoke = false;
  std::vector<std::string> only;
  std::vector<int64_t> sizes;  // of growth
  std::string json;
  std::string plot;
  WatchLoad watch;
  Options options;
};

constexpr const char* kParts[] = {"reads",   "authentication", "writes",   "mixed", "open",  "watch", "observing",
                                  "process", "overload",       "midnight", "large", "plans", "locks", "growth"};

bool Wanted(const Flags& flags, const std::string& part) {
  if (!flags.only.empty()) return std::find(flags.only.begin(), flags.only.end(), part) != flags.only.end();
  if (part == "observing") return flags.smoke;
  if (part == "growth") return false;  // takes as long as all the others, and gigabytes: only if asked for
  return part != "open" || !flags.quick || !flags.options.rates.empty();
}

absl::Status MeasureLimits(const Flags& flags, std::vector<Verdict>& verdicts) {
  const std::pair<const char*, absl::StatusOr<std::vector<Verdict>> (*)(const Options&)> parts[] = {
      {"midnight", MeasureMidnight},
      {"large", MeasureLargeCustomer},
      {"plans", MeasureNewPlans},
      {"locks", MeasureLocks}};
  for (const auto& [part, measure] : parts) {
    if (!Wanted(flags, part)) continue;
    ASSIGN_OR_RETURN(const std::vector<Verdict> found, measure(flags.options));
    verdicts.insert(verdicts.end(), found.begin(), found.end());
  }
  return absl::OkStatus();
}

absl::StatusOr<Results> MeasureAll(const Flags& flags) {
  const absl::Time start = absl::Now();
  Results results;
  ASSIGN_OR_RETURN(const auto testbed, Testbed::Start(flags.options));
  results.machine = DescribeMachine(testbed->side());
  // First: the most memory that a process ever took is not to be that of an overload.
  if (Wanted(flags, "process")) {
    ASSIGN_OR_RETURN(results.process, MeasureProcess(*testbed));
  }
  if (Wanted(flags, "reads")) RETURN_IF_ERROR(MeasureReads(*testbed));
  if (Wanted(flags, "authentication")) RETURN_IF_ERROR(MeasureAuthentication(*testbed));
  if (Wanted(flags, "writes")) RETURN_IF_ERROR(MeasureWrites(*testbed));
  if (Wanted(flags, "mixed")) {
    RETURN_IF_ERROR(MeasureMixed(*testbed));
    ASSIGN_OR_RETURN(results.soak, MeasureSoak(*testbed));
  }
  if (Wanted(flags, "open")) {
    ASSIGN_OR_RETURN(results.offered, MeasureOffered(*testbed));
  }
  if (Wanted(flags, "overload")) {
    ASSIGN_OR_RETURN(results.overload, MeasureOverload(flags.options));
  }
  if (Wanted(flags, "observing")) RETURN_IF_ERROR(MeasureObserving(*testbed));
  std::vector<Verdict> watching;
  if (Wanted(flags, "watch")) {
    ASSIGN_OR_RETURN(watching, MeasureCache(*testbed));
    ASSIGN_OR_RETURN(const std::vector<Verdict> streams, MeasureWatch(*testbed, flags.watch));
    watching.insert(watching.end(), streams.begin(), streams.end());
  }
  results.runs = testbed->measurements();
  results.verdicts = Judge(results, flags.options.judged());
  results.verdicts.insert(results.verdicts.end(), watching.begin(), watching.end());
  RETURN_IF_ERROR(MeasureLimits(flags, results.verdicts));
  if (Wanted(flags, "growth")) {
    ASSIGN_OR_RETURN(const std::vector<Verdict> growth,
                     MeasureGrowth({.server_program = flags.options.server_program,
                                    .server_arguments = flags.options.server_arguments,
                                    .sizes = flags.sizes,
                                    .rounds = flags.options.rounds}));
    results.verdicts.insert(results.verdicts.end(), growth.begin(), growth.end());
  }
  results.seconds = absl::ToDoubleSeconds(absl::Now() - start);
  return results;
}

absl::Status Bench(const Flags& flags) {
  ASSIGN_OR_RETURN(const Results results, MeasureAll(flags));
  Print(results);
  if (!flags.json.empty()) {
    std::ofstream file(flags.json);
    file << ToJson(results).dump(1) << std::endl;
    if (!file) return absl::InternalError("can't write " + flags.json);
  }
  if (!flags.plot.empty()) RETURN_IF_ERROR(Plot(results, flags.plot));
  if (results.soak.has_value() && results.soak->errors > 0) {
    return absl::InternalError(
        absl::StrCat("mixed load: ", results.soak->errors, " calls: ", results.soak->first_error));
  }
  return absl::OkStatus();
}

// Figures that do not depend on a long run: what the table judges by, and nothing in between.
void ApplyQuick(Options& options) {
  options.callers = {1, 64, 200};
  options.seconds = 0.3;
  options.assigns = 800;
  options.soak_minutes = 1.0 / 6;
  options.overload_seconds = 10;
}

void ApplyFull(Options& options) { options.rounds = 11; }

// Enough to see that everything works, and nothing about how fast it is.
void ApplySmoke(Options& options) {
  options.rounds = 1;
  options.callers = {1, 8};
  options.seconds = 0.02;
  options.check_customers = 16;
  options.assigns = 32;
  options.open_seconds = 0.05;
  options.soak_minutes = 0.3 / 60;
  options.due_customers = 8;
  options.large_licenses = 100;
  options.large_of_product = 50;
  options.overload_seconds = 0.3;
}

void AddOptions(CLI::App& app, Flags& flags) {
  Options& options = flags.options;
  app.add_flag("--quick", flags.quick, "Under two minutes: fewer rounds and numbers of callers, no open loop");
  app.add_flag("--smoke", flags.smoke, "A few seconds: only whether everything works");
  app.add_option("--only", flags.only, absl::StrCat("Only these parts: ", absl::StrJoin(kParts, ", ")))
      ->check(CLI::IsMember(std::vector<std::string>(std::begin(kParts), std::end(kParts))));
  app.add_option("--sizes", flags.sizes, "Licenses of the databases that growth compares, ascending");
  app.add_option("--rounds", options.rounds, "Interleaved rounds");
  app.add_option("--callers", options.callers, "Numbers of callers, ascending");
  app.add_option("--seconds", options.seconds, "Length of one closed-loop run, but of writes");
  app.add_option("--assigns", options.assigns, "Calls of one run of writes");
  app.add_option("--minutes", options.soak_minutes, "Length of the mixed load in steady state");
  app.add_option("--flood-seconds", options.overload_seconds, "Length of the overload");
  app.add_option("--rate", options.rates, "Calls a second of an open-loop run; may be repeated");
  app.add_option("--load", options.loads, "Open-loop loads: check, get, assign, mixed; may be repeated")
      ->check(CLI::IsMember({"check", "get", "assign", "mixed"}));
  app.add_option("--open-seconds", options.open_seconds, "Length of one open-loop run");
  app.add_option("--watchers", flags.watch.watchers, "Streams that are open while changes are measured");
  app.add_option("--changes", flags.watch.rate, "Changes a second meanwhile");
  app.add_option("--channels", options.channels, "TCP connections of the load generator to a server");
  app.add_option("--server", options.server_program, "The lmp-server to measure");
  app.add_option("--server-arg", options.server_arguments, "A further argument for it (--server-arg=--max-batch=16)");
  app.add_option("--json", flags.json, "Write all figures to this file")->type_name("FILE")->take_last();
  app.add_option("--plot", flags.plot, "Draw them, as SVG, with gnuplot")->type_name("FILE")->take_last();
  app.add_flag("--echo-server", flags.echo_server, "Be the echo server (for the bench itself)")->group("");
  app.add_flag("--floor-server", flags.floor_server, "Be the batched-query server (for the bench itself)")->group("");
  app.add_flag("--loop-server", flags.loop_server, "Be the same with one event loop (for the bench itself)")->group("");
  app.add_option("--socket", flags.socket, "Database of the latter two")->group("");
}

int Main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as in the service
  Flags flags;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
  flags.options.bench_program = self.string();
  flags.options.server_program = (self.parent_path() / "lmp-server").string();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto given = [&](const char* flag) {
    return std::find(arguments.begin(), arguments.end(), flag) != arguments.end();
  };
  // First, so that further options have the last word.
  (given("--smoke") ? ApplySmoke : given("--quick") ? ApplyQuick : ApplyFull)(flags.options);
  CLI::App app("Measures lmp-server beside its ceilings, in one run on one machine", "lmp-bench");
  AddOptions(app, flags);
  CLI11_PARSE(app, argc, argv);
  if (flags.sizes.empty()) flags.sizes = {1000, 100'000};
  if (!flags.quick && !flags.smoke && app.count("--sizes") == 0) flags.sizes.push_back(10'000'000);
  if (flags.echo_server) return RunEchoServer();
  if (flags.floor_server) return RunFloorServer(flags.socket);
  if (flags.loop_server) return RunLoopServer(flags.socket);
  const absl::Status status = Bench(flags);
  if (status.ok()) return 0;
  std::cerr << "lmp-bench: " << status.message() << std::endl;
  return 1;
}

}  // namespace
}  // namespace lmp::bench

int main(int argc, char** argv) { return lmp::bench::Main(argc, argv); }

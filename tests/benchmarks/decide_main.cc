// lmp-bench-decide: how many instructions each section of a hot call takes (tests/engine/hot_calls.h), counted by
// valgrind's callgrind. Nearly the same on every run with the same compiler and libraries, whatever else the machine
// does.
#include <sys/wait.h>
#include <unistd.h>
#include <valgrind/callgrind.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/servers/temporary_directory.h"
#include "tests/engine/hot_calls.h"

namespace lmp::bench {
namespace {

using testing::Section;

constexpr std::pair<Section, const char*> kMeasured[] = {
    {Section::kParse, "parse"}, {Section::kLoad, "load"}, {Section::kDecide, "decide"}, {Section::kStore, "store"}};
constexpr int kWarmUps = 3;
constexpr int kNoValgrind = 127;

// callgrind collects while the call is in one section, on the thread that runs it.
class CallgrindMeter final : public testing::Meter {
 public:
  void Measure(Section section) { wanted_ = section; }

 private:
  void Begin(Section section) override {
    if (section == wanted_) CALLGRIND_TOGGLE_COLLECT;
  }
  void Leave(Section section) override {
    if (section == wanted_) CALLGRIND_TOGGLE_COLLECT;
  }

  Section wanted_ = Section::kOutside;
};

// Within valgrind. Each section of each call becomes a file of callgrind's, described as "NUMBER|CALL|SECTION".
absl::Status RunCalls(int runs) {
  CallgrindMeter meter;
  const engine::HotCalls calls(meter);
  CALLGRIND_START_INSTRUMENTATION;
  for (size_t number = 0; number < calls.all().size(); ++number) {
    const engine::HotCall& call = calls.all()[number];
    for (int i = 0; i < kWarmUps; ++i) RETURN_IF_ERROR(call.run());
    for (const auto& [section, name] : kMeasured) {
      CALLGRIND_ZERO_STATS;
      meter.Measure(section);
      for (int i = 0; i < runs; ++i) RETURN_IF_ERROR(call.run());
      meter.Measure(Section::kOutside);
      const std::string what = absl::StrCat(number, "|", call.name, "|", name);
      CALLGRIND_DUMP_STATS_AT(what.c_str());
    }
  }
  return absl::OkStatus();
}

// This program within valgrind; its exit status, or kNoValgrind.
int RunInValgrind(const std::string& self, const std::filesystem::path& directory, int runs) {
  const std::string out = absl::StrCat("--callgrind-out-file=", (directory / "callgrind.out").string());
  const std::string count = absl::StrCat("--runs=", runs);
  const char* const arguments[] = {"valgrind",           "--tool=callgrind",     "--quiet",
                                   "--instr-atstart=no", "--collect-atstart=no", out.c_str(),
                                   self.c_str(),         count.c_str(),          nullptr};
  const pid_t child = fork();
  if (child == 0) {
    execvp(arguments[0], const_cast<char**>(arguments));
    _exit(errno == ENOENT ? kNoValgrind : 1);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

struct Counted {
  std::string call;
  std::map<std::string, int64_t> instructions;  // of one run, by section
};
using Instructions = std::map<int, Counted>;  // by the call's number

absl::Status ReadFile(const std::filesystem::path& path, int runs, Instructions& found) {
  std::ifstream file(path);
  std::string line, what;
  while (std::getline(file, line)) {
    constexpr absl::string_view kDescription = "desc: Trigger: Client Request: ";
    absl::string_view text = line;
    if (absl::ConsumePrefix(&text, kDescription)) what = std::string(text);
    int64_t total = 0;
    if (absl::ConsumePrefix(&text, "totals: ") && !what.empty() && absl::SimpleAtoi(text, &total)) {
      const std::vector<std::string> parts = absl::StrSplit(what, '|');
      int number = 0;
      if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &number)) break;
      found[number].call = parts[1];
      found[number].instructions[parts[2]] = total / runs;
      return absl::OkStatus();
    }
  }
  // callgrind writes one more at the end, of nothing.
  return what.empty() ? absl::OkStatus() : absl::InternalError(absl::StrCat("no totals in ", path.string()));
}

void Print(const Instructions& found) {
  std::cout << "\n| instructions per call | parse | load | decide | store | all |\n|---|--:|--:|--:|--:|--:|\n";
  for (const auto& [number, counted] : found) {
    std::cout << "| " << counted.call << " |";
    int64_t all = 0;
    for (const auto& [section, name] : kMeasured) {
      const auto count = counted.instructions.find(name);
      const int64_t instructions = count == counted.instructions.end() ? 0 : count->second;
      std::cout << ' ' << instructions << " |";
      all += instructions;
    }
    std::cout << ' ' << all << " |\n";
  }
  std::cout << std::flush;
}

absl::Status Count(const std::string& self, std::string keep, int runs) {
  TemporaryDirectory directory;
  RETURN_IF_ERROR(directory.Make());
  const int exit_status = RunInValgrind(self, directory.path(), runs);
  absl::Status status;
  Instructions found;
  if (exit_status == kNoValgrind) {
    std::cout << "Instructions are not counted: valgrind is not installed" << std::endl;
  } else if (exit_status != 0) {
    status = absl::InternalError(absl::StrCat("it ended with ", exit_status, " within valgrind"));
  } else {
    for (const auto& file : std::filesystem::directory_iterator(directory.path())) {
      if (status.ok()) status = ReadFile(file.path(), runs, found);
    }
    if (status.ok() && found.empty()) status = absl::InternalError("valgrind wrote no counts");
  }
  if (!found.empty()) Print(found);
  if (!keep.empty()) {
    std::filesystem::create_directories(keep);
    std::filesystem::copy(directory.path(), keep,
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  }
  return status;
}

int Main(int argc, char** argv) {
  int runs = 2;
  std::string keep;
  CLI::App app("Counts the instructions of the hot calls, with valgrind", "lmp-bench-decide");
  app.add_option("--runs", runs, "Calls of which the mean is taken")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--keep", keep, "Leave callgrind's files there, for callgrind_annotate")->type_name("DIRECTORY");
  CLI11_PARSE(app, argc, argv);
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const absl::Status status = RUNNING_ON_VALGRIND ? RunCalls(runs) : Count(self, keep, runs);
  if (status.ok()) return 0;
  std::cerr << "lmp-bench-decide: " << status.message() << std::endl;
  return 1;
}

}  // namespace
}  // namespace lmp::bench

int main(int argc, char** argv) { return lmp::bench::Main(argc, argv); }

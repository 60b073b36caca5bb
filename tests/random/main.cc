// Thousands of random histories on the server and on an independent model of its rules; see README.md.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <thread>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "tests/random/run.h"
#include "tests/random/shrink.h"

namespace lmp::random_test {
namespace {

constexpr int kStepsForAll = 10'000;

struct Options {
  std::vector<uint64_t> seeds;
  int steps = kStepsForAll;
  int length = 250;
  double hours = 0;
  int threads = 2;
  double shrink_seconds = 60;
  uint64_t history = 0;
  std::vector<int> keep;
  bool print = false;
};

// Every history has a seed of its own, from the run's and its number in it.
uint64_t SeedOf(uint64_t seed, uint64_t n) {
  uint64_t mixed = seed + n * 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  return (mixed ^ (mixed >> 27)) & 0xFFFFFFFFFFFFu;  // short enough to be typed
}

std::vector<Step> Kept(const std::vector<Step>& history, const std::vector<int>& numbers) {
  std::vector<Step> steps;
  for (const Step& step : history) {
    if (std::find(numbers.begin(), numbers.end(), step.number) != numbers.end()) steps.push_back(step);
  }
  return steps;
}

// The history in words, with the day each step happens on.
void Print(uint64_t seed, const std::vector<Step>& steps, int last) {
  World world = FirstWorld(seed);
  for (const Step& step : steps) {
    if (step.number > last) return;
    if (step.kind == Step::kClock) world.now += step.moves;
    std::cout << "  " << Text(world.today()) << " " << step.Text() << "\n";
  }
}

// Every second history is played beside a twin.
bool HasTwin(uint64_t seed) { return seed % 2 == 0; }

void Report(System& system, System* twin, const Options& options, uint64_t seed, const std::vector<Step>& history,
            const Failure& failure) {
  std::cout << "FAILED: history " << seed << ", step " << failure.step << ": " << failure.kind << "\n     "
            << failure.text << "\nLooking for a shorter history that fails alike, for at most "
            << options.shrink_seconds << " s …" << std::endl;
  std::vector<int> numbers;
  for (const Step& step : history) {
    if (step.number <= failure.step) numbers.push_back(step.number);
  }
  Failure last = failure;
  numbers = Shrink(
      numbers,
      [&](const std::vector<int>& part) {
        const auto again = Run(system, seed, twin).Play(Kept(history, part));
        if (!again.has_value() || again->kind != failure.kind) return false;
        last = *again;
        return true;
      },
      absl::Now() + absl::Seconds(options.shrink_seconds));
  std::cout << "The shortest found, " << numbers.size() << " steps:\n";
  Print(seed, Kept(history, numbers), last.step);
  std::cout << "step " << last.step << ": " << last.kind << "\n     " << last.text
            << "\nReplay it: random_test --history " << seed << " --length " << options.length << " --keep "
            << absl::StrJoin(numbers, ",") << std::endl;
}

class Histories final {
 public:
  explicit Histories(const Options& options)
      : options_(options),
        until_(options.hours > 0 ? absl::Now() + absl::Hours(1) * options.hours : absl::InfiniteFuture()) {}

  int RunAll() {
    std::vector<std::thread> threads;
    for (int i = 0; i < options_.threads; ++i) threads.emplace_back([this] { RunSome(); });
    for (std::thread& thread : threads) thread.join();
    Summarize();
    return !failed_ && PlayedAll() ? 0 : 1;
  }

 private:
  void RunSome() {
    System system, twin;
    for (;;) {
      const uint64_t n = next_++;
      if (failed_ || absl::Now() >= until_) return;
      if (options_.hours <= 0 && n * static_cast<uint64_t>(options_.length) >= static_cast<uint64_t>(options_.steps))
        return;
      const uint64_t seed = SeedOf(options_.seeds[n % options_.seeds.size()], n / options_.seeds.size());
      const std::vector<Step> history = MakeHistory(seed, options_.length);
      Run run(system, seed, HasTwin(seed) ? &twin : nullptr);
      const auto failure = run.Play(history);
      const std::lock_guard lock(mutex_);
      statistics_.Add(run.statistics());
      if (!failure.has_value() || failed_) continue;
      failed_ = true;
      Report(system, HasTwin(seed) ? &twin : nullptr, options_, seed, history, *failure);
    }
  }

  // A run of some length that left something out is no proof of it.
  bool PlayedAll() const {
    if (statistics_.steps < kStepsForAll) return true;
    const std::vector<std::string> never = statistics_.NeverPlayed();
    for (const std::string& play : never) std::cout << "never played: " << play << "\n";
    return never.empty();
  }

  void Summarize() const {
    for (const auto& [play, count] : statistics_.plays) std::cout << "  " << play << ": " << count << "\n";
    for (const auto& [method, reasons] : statistics_.answers) {
      std::cout << "  " << method << ":";
      for (const auto& [reason, count] : reasons) std::cout << " " << (reason.empty() ? "OK" : reason) << " " << count;
      std::cout << "\n";
    }
    std::cout << statistics_.steps << " steps, " << statistics_.accepted << " requests accepted, "
              << statistics_.refused << " refused, " << statistics_.events
              << " events: " << (failed_ ? "FAILED" : "all as it must be") << std::endl;
  }

  const Options& options_;
  const absl::Time until_;
  std::atomic<uint64_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  Statistics statistics_;
};

int RunOne(const Options& options) {
  std::vector<Step> history = MakeHistory(options.history, options.length);
  if (!options.keep.empty()) history = Kept(history, options.keep);
  if (options.print) Print(options.history, history, options.length);
  System system, twin;
  System* const beside = HasTwin(options.history) ? &twin : nullptr;
  const auto failure = Run(system, options.history, beside).Play(history);
  if (!failure.has_value()) {
    std::cout << "all as it must be" << std::endl;
    return 0;
  }
  if (options.keep.empty()) {
    Report(system, beside, options, options.history, history, *failure);
  } else {
    Print(options.history, history, failure->step);
    std::cout << "FAILED: step " << failure->step << ": " << failure->kind << "\n     " << failure->text << std::endl;
  }
  return 1;
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Random histories on the server and on an independent model of its rules.");
  app.add_option("--seed", options.seeds, "of the whole run; several take turns (default: 1, and one from the time)")
      ->envname("LMP_RANDOM_SEED");
  app.add_option("--steps", options.steps, "at least so many steps in all");
  app.add_option("--length", options.length, "steps of one history");
  app.add_option("--hours", options.hours, "run so long, however many steps that is");
  app.add_option("--threads", options.threads, "each with a schema of its own");
  app.add_option("--shrink-seconds", options.shrink_seconds, "how long to look for a shorter history that fails");
  app.add_option("--history", options.history, "run this one history, by its seed");
  app.add_option("--keep", options.keep, "of that history only these steps")->delimiter(',');
  app.add_flag("--print", options.print, "say what the steps of that history are");
  CLI11_PARSE(app, argc, argv);
  if (app.count("--history") > 0) return RunOne(options);
  if (options.seeds.empty()) options.seeds = {1, static_cast<uint64_t>(absl::ToUnixSeconds(absl::Now()))};
  std::cout << "random_test --seed " << absl::StrJoin(options.seeds, " --seed ") << " --steps " << options.steps
            << " --length " << options.length << std::endl;
  return Histories(options).RunAll();
}

}  // namespace
}  // namespace lmp::random_test

int main(int argc, char** argv) { return lmp::random_test::Main(argc, argv); }

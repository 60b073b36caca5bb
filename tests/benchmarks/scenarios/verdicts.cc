#include "tests/benchmarks/scenarios/verdicts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/benchmarks/load/workloads.h"
#include "tests/benchmarks/scenarios/judged.h"

namespace lmp::bench {
namespace {

// One row: `a` over `b`, both by the same field of a sample.
struct Comparison {
  const char* id;
  const char* work;
  std::pair<std::string, int> a;
  std::pair<std::string, int> b;
  double Sample::*field;
  double limit;
  bool at_least;  // else at most
  const char* note = "";
};

std::string Figure(double value, double Sample::*field) {
  return field == &Sample::rate ? absl::StrFormat("%.0f/s", value) : absl::StrFormat("%.0f us", value);
}

void Compare(const Comparison& comparison, const Measurements& measurements, std::vector<Verdict>& verdicts) {
  const auto a = measurements.find(comparison.a);
  const auto b = measurements.find(comparison.b);
  if (a == measurements.end() || b == measurements.end()) return;
  const std::vector<double> ours = Field(a->second, comparison.field);
  const std::vector<double> theirs = Field(b->second, comparison.field);
  const Spread ratio = SpreadOf(Ratios(ours, theirs));
  verdicts.push_back(
      {.id = comparison.id,
       .work = absl::StrCat(
           comparison.work, ", c=", comparison.a.second, " / ", comparison.b.first,
           comparison.a.second == comparison.b.second ? std::string() : absl::StrCat(", c=", comparison.b.second)),
       .target = absl::StrFormat("%s %.2f%s", comparison.at_least ? ">=" : "<=", comparison.limit, comparison.note),
       .measured = absl::StrCat(Figure(SpreadOf(ours).median, comparison.field), " / ",
                                Figure(SpreadOf(theirs).median, comparison.field)),
       .ratio = ratio,
       .met = comparison.at_least ? ratio.median >= comparison.limit : ratio.median <= comparison.limit});
}

void JudgeSoak(const Soak& soak, std::vector<Verdict>& verdicts) {
  const std::string load = absl::StrFormat("mixed load, %.0f/s for %.3g min", soak.achieved, soak.minutes);
  verdicts.push_back({.id = "B7",
                      .work = load + ": p99, last third / first third",
                      .target = "<= 1.30",
                      .measured = absl::StrFormat("%.0f us / %.0f us", soak.p99_last_us, soak.p99_first_us),
                      .ratio = soak.p99_ratio,
                      .met = soak.p99_ratio.median <= 1.3});
  const double before = soak.server_before_mb;
  const double after = soak.windows.back().server_mb;
  const double growth = before > 0 ? after / before : 0;
  verdicts.push_back({.id = "B7",
                      .work = "memory of lmp-server, end / start",
                      .target = "<= 1.10",
                      .measured = absl::StrFormat("%.1f MB / %.1f MB", after, before),
                      .ratio = {growth, growth, growth},
                      .met = growth <= 1.1});
  verdicts.push_back(JudgeAtMost("B7", absl::StrCat("failed or dropped of ", soak.calls, " calls"),
                                 {static_cast<double>(soak.errors)}, "calls", 0));
}

void JudgeOverload(const Overload& overload, std::vector<Verdict>& verdicts) {
  const std::string flood =
      absl::StrFormat("%.0f x the capacity of %.0f/s", overload.made_rate / overload.capacity, overload.capacity);
  verdicts.push_back(JudgeRatio("B13", absl::StrCat("p99 of what is admitted of ", flood, " / usual"),
                                {overload.admitted_p99_us}, {overload.usual_p99_us}, "us", Bound::kAtMost, 3));
  verdicts.push_back(JudgeAtMost("B13", "what is refused, p50", {overload.refused_p50_us / 1000}, "ms", 10));
  verdicts.push_back(JudgeAtMost("B13", "neither admitted nor refused with a time to try again",
                                 {static_cast<double>(overload.failed)}, "calls", 0));
  verdicts.push_back(JudgeRatio("B13", "admitted in the flood / capacity", {overload.admitted_rate},
                                {overload.capacity}, "/s", Bound::kAtLeast, 0.5));
  verdicts.push_back(
      JudgeAtMost("B13", "health checks that failed", {static_cast<double>(overload.failed_health)}, "", 0));
  verdicts.push_back(JudgeRatio("B13", "memory of lmp-server, most ever / at the end of the flood's first second",
                                {overload.mb_most}, {overload.mb_early}, "MB", Bound::kAtMost, 1.2));
  const double after = overload.recovered_seconds < 0 ? 1000 : overload.recovered_seconds;
  verdicts.push_back(JudgeAtMost("B13", "after the flood, until calls are as before", {after}, "s", 5));
}

}  // namespace

std::vector<Verdict> Judge(const Results& results, int judged) {
  constexpr auto kRate = &Sample::rate;
  constexpr double kOfEcho = 0.70;
  const Comparison comparisons[] = {
      {"B1", kCheck, {kCheck, judged}, {kEcho, judged}, kRate, kOfEcho, true},
      {"B1", kCheck, {kCheck, judged}, {kCheckDirect, judged}, kRate, 0.75, true},
      // The limit of the first row: servers that ask the database for whatever waits, decide nothing and answer a
      // constant.
      {"B1'", kFloor, {kFloor, judged}, {kEcho, judged}, kRate, kOfEcho, true, ", or B1 can't be"},
      {"B1'", kLoop, {kLoop, judged}, {kEcho, judged}, kRate, kOfEcho, true, ", or B1 can't be"},
      {"B1'", kCheck, {kCheck, judged}, {kFloor, judged}, kRate, 0.75, true, " (ours)"},
      {"B14", kCheckKey, {kCheckKey, judged}, {kCheckAnonymous, judged}, kRate, 0.95, true},
      {"B14", kCheckToken, {kCheckToken, judged}, {kCheckAnonymous, judged}, kRate, 0.95, true},
      {"B14", kCheckCertificate, {kCheckCertificate, judged}, {kCheckAnonymousTls, judged}, kRate, 0.95, true},
      {"B2", kCheckCached, {kCheckCached, judged}, {kEcho, judged}, kRate, 0.90, true},
      {"B3", kAssign, {kAssign, judged}, {kAssignDirect, judged}, kRate, 1.5, true},
      {"B3", kAssign, {kAssign, judged}, {kAssignBlock, judged}, kRate, 1.0, true},
      {"B3", kAssign, {kAssign, judged}, {kAssignBatch, judged}, kRate, 0.4, true},
      {"B4", "the same on one customer", {kAssignOne, kOneCustomerCallers}, {kAssign, judged}, kRate, 0.5, true},
      {"B5", kAssign, {kAssign, 1}, {kAssignDirect, 1}, &Sample::p50_us, 1.6, false},
  };
  std::vector<Verdict> verdicts;
  for (const Comparison& comparison : comparisons) Compare(comparison, results.runs, verdicts);
  if (results.soak.has_value()) JudgeSoak(*results.soak, verdicts);
  if (const auto& process = results.process; process.has_value()) {
    verdicts.push_back(JudgeAtMost("B9", "start to ready, migrated database", process->start_seconds, "s", 0.5));
    verdicts.push_back(JudgeAtMost("B9", "memory, idle", process->idle_mb, "MB", 40));
    verdicts.push_back(
        JudgeAtMost("B9", "memory, most ever, after 1000 concurrent calls", {process->loaded_mb}, "MB", 150));
  }
  if (results.overload.has_value()) JudgeOverload(*results.overload, verdicts);
  return verdicts;
}

}  // namespace lmp::bench

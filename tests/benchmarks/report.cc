#include "tests/benchmarks/report.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

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
  verdicts.push_back({.id = comparison.id,
                      .work = absl::StrCat(comparison.work, ", c=", comparison.a.second, " / ", comparison.b.first,
                                           comparison.a.second == comparison.b.second
                                               ? std::string()
                                               : absl::StrCat(", c=", comparison.b.second)),
                      .target = absl::StrFormat("%s %.2f", comparison.at_least ? ">=" : "<=", comparison.limit),
                      .measured = absl::StrCat(Figure(SpreadOf(ours).median, comparison.field), " / ",
                                               Figure(SpreadOf(theirs).median, comparison.field)),
                      .ratio = ratio,
                      .met = comparison.at_least ? ratio.median >= comparison.limit
                                                 : ratio.median <= comparison.limit});
}

Verdict AtMost(const char* work, double limit, const char* unit, const std::vector<double>& values) {
  const Spread spread = SpreadOf(values);
  return {.id = "B9",
          .work = work,
          .target = absl::StrFormat("<= %.4g %s", limit, unit),
          .measured = absl::StrFormat("%.3g %s", spread.median, unit),
          .ratio = spread,
          .met = spread.median <= limit};
}

double Median(const std::vector<Sample>& samples, double Sample::*field) {
  return SpreadOf(Field(samples, field)).median;
}

}  // namespace

std::vector<Verdict> Judge(const Measurements& measurements, const ProcessFigures* process, int most) {
  constexpr auto kRate = &Sample::rate;
  const Comparison comparisons[] = {
      {"B1", kCheck, {kCheck, most}, {kEcho, most}, kRate, 0.70, true},
      {"B1", kCheck, {kCheck, most}, {kCheckDirect, most}, kRate, 0.75, true},
      {"B3", kAssign, {kAssign, most}, {kAssignDirect, most}, kRate, 1.5, true},
      {"B3", kAssign, {kAssign, most}, {kAssignBlock, most}, kRate, 1.0, true},
      {"B3", kAssign, {kAssign, most}, {kAssignBatch, most}, kRate, 0.4, true},
      {"B4", "the same on one customer", {kAssignOne, kOneCustomerCallers}, {kAssign, most}, kRate, 0.5, true},
      {"B5", kAssign, {kAssign, 1}, {kAssignDirect, 1}, &Sample::p50_us, 1.6, false},
  };
  std::vector<Verdict> verdicts;
  for (const Comparison& comparison : comparisons) Compare(comparison, measurements, verdicts);
  if (process != nullptr) {
    verdicts.push_back(AtMost("start to ready, migrated database", 0.5, "s", process->start_seconds));
    verdicts.push_back(AtMost("memory, idle", 40, "MB", process->idle_mb));
    verdicts.push_back(AtMost("memory, most ever, after 1000 concurrent calls", 150, "MB", {process->loaded_mb}));
  }
  return verdicts;
}

void PrintRuns(const Measurements& measurements) {
  std::printf("\n| run | c | calls/s (least-most) | p50 us | p99 us | server us | database us | client us | "
              "statements |\n"
              "|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
  for (const auto& [key, samples] : measurements) {
    const Spread rate = SpreadOf(Field(samples, &Sample::rate));
    std::printf("| %s | %d | %.0f (%.0f-%.0f) | %.0f | %.0f | %.0f | %.0f | %.0f | %.2f |\n", key.first.c_str(),
                key.second, rate.median, rate.least, rate.most, Median(samples, &Sample::p50_us),
                Median(samples, &Sample::p99_us),
                Median(samples, &Sample::server_us), Median(samples, &Sample::database_us),
                Median(samples, &Sample::client_us), Median(samples, &Sample::statements));
  }
}

void PrintVerdicts(const std::vector<Verdict>& verdicts) {
  std::printf("\n| # | work | target | measured | ratio | spread | met |\n|---|---|---|---|--:|---|---|\n");
  for (const Verdict& verdict : verdicts) {
    std::printf("| %s | %s | %s | %s | %.2f | %.2f-%.2f | %s |\n", verdict.id.c_str(), verdict.work.c_str(),
                verdict.target.c_str(), verdict.measured.c_str(), verdict.ratio.median, verdict.ratio.least,
                verdict.ratio.most, verdict.met ? "yes" : "NO");
  }
}

nlohmann::json ToJson(const Measurements& measurements, const std::vector<Verdict>& verdicts) {
  nlohmann::json json;
  for (const auto& [key, samples] : measurements) {
    nlohmann::json run = {{"name", key.first}, {"callers", key.second}};
    for (const Sample& sample : samples) {
      run["rounds"].push_back({{"rate", sample.rate}, {"p50_us", sample.p50_us}, {"p99_us", sample.p99_us},
                               {"server_us", sample.server_us}, {"database_us", sample.database_us},
                               {"client_us", sample.client_us}, {"statements", sample.statements}});
    }
    json["runs"].push_back(std::move(run));
  }
  for (const Verdict& verdict : verdicts) {
    json["table"].push_back({{"id", verdict.id}, {"work", verdict.work}, {"target", verdict.target},
                             {"measured", verdict.measured}, {"ratio", verdict.ratio.median},
                             {"least", verdict.ratio.least}, {"most", verdict.ratio.most}, {"met", verdict.met}});
  }
  return json;
}

}  // namespace lmp::bench

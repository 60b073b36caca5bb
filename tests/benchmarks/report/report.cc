#include "tests/benchmarks/report/report.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace lmp::bench {
namespace {

void PrintMachine(const Machine& machine) {
  std::string line;
  for (const auto& [name, value] : machine) absl::StrAppend(&line, line.empty() ? "" : ", ", name, " ", value);
  std::printf("%s\n", line.c_str());
}

void PrintRuns(const Measurements& runs) {
  if (runs.empty()) return;
  std::string head = "\n| closed loop | c |";
  std::string rule = "|---|--:|";
  for (const SampleField& field : kSampleFields) {
    absl::StrAppend(&head, " ", field.heading, field.value == &Sample::rate ? " (least-most) |" : " |");
    rule += "--:|";
  }
  std::printf("%s\n%s\n", head.c_str(), rule.c_str());
  for (const auto& [key, samples] : runs) {
    std::printf("| %s | %d |", key.first.c_str(), key.second);
    for (const SampleField& field : kSampleFields) {
      const Spread spread = SpreadOf(Field(samples, field.value));
      std::printf(" %.*f", field.decimals, spread.median);
      if (field.value == &Sample::rate) std::printf(" (%.0f-%.0f)", spread.least, spread.most);
      std::printf(" |");
    }
    std::printf("\n");
  }
}

void PrintOffered(const std::vector<Offered>& offered) {
  if (offered.empty()) return;
  std::printf(
      "\n| open loop | of closed | offered/s | achieved/s | p50 us | p90 us | p99 us | p99.9 us | max us | "
      "dropped |\n"
      "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
  for (const Offered& run : offered) {
    std::printf("| %s | %s | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %lld |\n", run.name.c_str(),
                run.share > 0 ? absl::StrCat(run.share * 100, " %").c_str() : "", run.rate, run.achieved, run.p50_us,
                run.p90_us, run.p99_us, run.p999_us, run.max_us, static_cast<long long>(run.dropped));
  }
}

void PrintSoak(const Soak& soak) {
  std::printf(
      "\n| mixed load, %.3g min at %.0f/s, by tenths | p50 us | p99 us | p99.9 us | server MB | database MB |\n"
      "|---|--:|--:|--:|--:|--:|\n| before | | | | %.1f | %.1f |\n",
      soak.minutes, soak.offered, soak.server_before_mb, soak.database_before_mb);
  int number = 0;
  for (const Soak::Window& window : soak.windows) {
    std::printf("| %d | %.0f | %.0f | %.0f | %.1f | %.1f |\n", ++number, window.p50_us, window.p99_us, window.p999_us,
                window.server_mb, window.database_mb);
  }
}

void PrintOverload(const Overload& overload) {
  std::printf(
      "\n| overload: AssignServicePlan one at a time, capacity %.0f/s, flood of %.0f/s, second | made | admitted | "
      "refused "
      "| failed | admitted p99 us | refused p99 us | health ms | server MB |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
      overload.capacity, overload.made_rate);
  for (const OverloadWindow& window : overload.windows) {
    std::printf("| %.3g | %lld | %lld | %lld | %lld | %.0f | %.0f | %.0f | %.1f |\n", window.second,
                static_cast<long long>(window.made), static_cast<long long>(window.admitted),
                static_cast<long long>(window.refused), static_cast<long long>(window.failed), window.admitted_p99_us,
                window.refused_p99_us, window.health_ms, window.server_mb);
  }
}

void PrintVerdicts(const std::vector<Verdict>& verdicts) {
  if (verdicts.empty()) return;
  std::printf("\n| # | work | target | measured | ratio | spread | met |\n|---|---|---|---|--:|---|---|\n");
  for (const Verdict& verdict : verdicts) {
    std::printf("| %s | %s | %s | %s | %.2f | %.2f-%.2f | %s |\n", verdict.id.c_str(), verdict.work.c_str(),
                verdict.target.c_str(), verdict.measured.c_str(), verdict.ratio.median, verdict.ratio.least,
                verdict.ratio.most, verdict.met ? "yes" : "NO");
  }
}

nlohmann::json RunToJson(const std::string& name, int callers, const std::vector<Sample>& samples) {
  nlohmann::json run = {{"name", name}, {"callers", callers}};
  for (const Sample& sample : samples) {
    nlohmann::json& round = run["rounds"].emplace_back();
    for (const SampleField& field : kSampleFields) round[field.name] = sample.*field.value;
  }
  return run;
}

nlohmann::json OverloadToJson(const Overload& overload) {
  nlohmann::json json = {{"capacity", overload.capacity},
                         {"made", overload.made_rate},
                         {"usual", overload.usual_rate},
                         {"usual_p99_us", overload.usual_p99_us},
                         {"admitted_p99_us", overload.admitted_p99_us},
                         {"refused_p50_us", overload.refused_p50_us},
                         {"refused_p99_us", overload.refused_p99_us},
                         {"recovered_seconds", overload.recovered_seconds}};
  for (const OverloadWindow& window : overload.windows) {
    json["windows"].push_back({{"second", window.second},
                               {"made", window.made},
                               {"admitted", window.admitted},
                               {"refused", window.refused},
                               {"failed", window.failed},
                               {"admitted_p99_us", window.admitted_p99_us},
                               {"refused_p99_us", window.refused_p99_us},
                               {"health_ms", window.health_ms},
                               {"server_mb", window.server_mb}});
  }
  return json;
}

nlohmann::json SoakToJson(const Soak& soak) {
  nlohmann::json json = {
      {"minutes", soak.minutes},
      {"offered", soak.offered},
      {"achieved", soak.achieved},
      {"calls", soak.calls},
      {"errors", soak.errors},
      {"p99_ratio", {{"ratio", soak.p99_ratio.median}, {"least", soak.p99_ratio.least}, {"most", soak.p99_ratio.most}}},
      {"before", {{"server_mb", soak.server_before_mb}, {"database_mb", soak.database_before_mb}}}};
  for (const Soak::Window& window : soak.windows) {
    json["windows"].push_back({{"p50_us", window.p50_us},
                               {"p99_us", window.p99_us},
                               {"p999_us", window.p999_us},
                               {"server_mb", window.server_mb},
                               {"database_mb", window.database_mb}});
  }
  return json;
}

}  // namespace

void Print(const Results& results) {
  PrintMachine(results.machine);
  PrintRuns(results.runs);
  PrintOffered(results.offered);
  if (results.soak.has_value()) PrintSoak(*results.soak);
  if (results.overload.has_value()) PrintOverload(*results.overload);
  PrintVerdicts(results.verdicts);
  std::printf("\n%.0f s in total\n", results.seconds);
}

nlohmann::json ToJson(const Results& results) {
  nlohmann::json json = {{"seconds", results.seconds}};
  for (const auto& [name, value] : results.machine) json["machine"][name] = value;
  for (const auto& [key, samples] : results.runs) json["runs"].push_back(RunToJson(key.first, key.second, samples));
  for (const Offered& run : results.offered) {
    json["open_loop"].push_back({{"name", run.name},
                                 {"share", run.share},
                                 {"offered", run.rate},
                                 {"achieved", run.achieved},
                                 {"p50_us", run.p50_us},
                                 {"p90_us", run.p90_us},
                                 {"p99_us", run.p99_us},
                                 {"p999_us", run.p999_us},
                                 {"max_us", run.max_us},
                                 {"dropped", run.dropped}});
  }
  if (results.soak.has_value()) json["soak"] = SoakToJson(*results.soak);
  if (results.overload.has_value()) json["overload"] = OverloadToJson(*results.overload);
  if (const auto& process = results.process; process.has_value()) {
    json["process"] = {{"start_seconds", process->start_seconds},
                       {"idle_mb", process->idle_mb},
                       {"start_with_database_seconds", process->start_with_database_seconds},
                       {"loaded_mb", process->loaded_mb}};
  }
  for (const Verdict& verdict : results.verdicts) {
    json["table"].push_back({{"id", verdict.id},
                             {"work", verdict.work},
                             {"target", verdict.target},
                             {"measured", verdict.measured},
                             {"ratio", verdict.ratio.median},
                             {"least", verdict.ratio.least},
                             {"most", verdict.ratio.most},
                             {"met", verdict.met}});
  }
  return json;
}

}  // namespace lmp::bench

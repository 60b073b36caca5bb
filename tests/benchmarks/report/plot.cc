#include "tests/benchmarks/report/plot.h"

#include <cstdio>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "tests/benchmarks/load/workloads.h"

namespace lmp::bench {
namespace {

// A line of one panel: points in order of x.
struct Curve {
  std::string title;
  std::string style;
  std::vector<std::pair<double, double>> points;
};

// `setup` is what differs from the panel before. Nothing to draw: an empty place.
std::string Panel(const std::string& title, const std::string& setup, const std::vector<Curve>& curves) {
  if (curves.empty()) return "set multiplot next\n";
  std::string script = absl::StrCat("set title '", title, "'\n", setup);
  std::vector<std::string> parts;
  for (const Curve& curve : curves) {
    const std::string block = absl::StrCat("$d", parts.size());
    absl::StrAppend(&script, block, " << EOD\n");
    for (const auto& [x, y] : curve.points) absl::StrAppend(&script, x, " ", y, "\n");
    script += "EOD\n";
    parts.push_back(absl::StrCat(block, " using 1:2 with linespoints ", curve.style, " title '", curve.title, "'"));
  }
  return absl::StrCat(script, "plot ", absl::StrJoin(parts, ", \\\n  "), "\n");
}

constexpr const char* kColors[] = {"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2",
                                   "#7f7f7f", "#bcbd22", "#17becf", "#000000", "#8b0000", "#00008b", "#556b2f"};

// One color and mark for each name, the same in all panels.
std::string Color(const std::string& name) {
  static auto& numbers = *new std::map<std::string, size_t>;
  const size_t number = numbers.try_emplace(name, numbers.size()).first->second;
  return absl::StrCat("lc rgb '", kColors[number % std::size(kColors)], "' pt ", number + 1);
}

std::vector<Curve> OverCallers(const Measurements& runs, double Sample::*field) {
  std::vector<Curve> curves;
  for (const auto& [key, samples] : runs) {
    const auto& [name, callers] = key;
    if (curves.empty() || curves.back().title != name) curves.push_back({name, Color(name), {}});
    curves.back().points.emplace_back(callers, SpreadOf(Field(samples, field)).median);
  }
  return curves;
}

std::vector<Curve> OverRate(const std::vector<Offered>& offered) {
  std::vector<Curve> curves;
  for (const auto& [label, field, dash] :
       {std::tuple{"p50", &Offered::p50_us, "dt 1"}, std::tuple{"p99", &Offered::p99_us, "dt 2"},
        std::tuple{"p99.9", &Offered::p999_us, "dt 3"}}) {
    std::string name;
    for (const Offered& run : offered) {
      if (run.name != name) {
        curves.push_back({absl::StrCat(run.name, ", ", label), absl::StrCat(Color(run.name), " ", dash), {}});
        name = run.name;
      }
      curves.back().points.emplace_back(run.rate, run.*field);
    }
  }
  return curves;
}

std::vector<Curve> OverTime(const Soak& soak) {
  const std::string latency = Color(kMixed);
  std::vector<Curve> curves = {{"p50", latency, {}},
                               {"p99", latency + " dt 2", {}},
                               {"p99.9", latency + " dt 3", {}},
                               {"server MB", Color("server MB") + " axes x1y2", {}},
                               {"database MB", Color("database MB") + " axes x1y2", {}}};
  for (size_t i = 0; i < soak.windows.size(); ++i) {
    const Soak::Window& window = soak.windows[i];
    const double values[] = {window.p50_us, window.p99_us, window.p999_us, window.server_mb, window.database_mb};
    const double minute = soak.minutes * static_cast<double>(i + 1) / static_cast<double>(soak.windows.size());
    for (size_t line = 0; line < curves.size(); ++line) curves[line].points.emplace_back(minute, values[line]);
  }
  return curves;
}

std::vector<Curve> OverTime(const Overload& overload) {
  std::vector<Curve> curves = {{"admitted, p99 us", Color("admitted"), {}},
                               {"refused, p99 us", Color("refused"), {}},
                               {"admitted/s", Color("admitted") + " dt 2", {}},
                               {"refused/s", Color("refused") + " dt 2", {}},
                               {"server MB", Color("server MB") + " axes x1y2", {}}};
  double before = 0;
  for (const OverloadWindow& window : overload.windows) {
    const double length = window.second - before;
    before = window.second;
    const double values[] = {window.admitted_p99_us, window.refused_p99_us,
                             static_cast<double>(window.admitted) / length,
                             static_cast<double>(window.refused) / length, window.server_mb};
    for (size_t line = 0; line < curves.size(); ++line) {
      if (values[line] > 0) curves[line].points.emplace_back(window.second, values[line]);
    }
  }
  std::erase_if(curves, [](const Curve& curve) { return curve.points.empty(); });
  return curves;
}

std::string Script(const Results& results, const std::string& file) {
  std::vector<Curve> latencies = OverCallers(results.runs, &Sample::p50_us);
  for (Curve& curve : OverCallers(results.runs, &Sample::p99_us)) {
    latencies.push_back({"", curve.style + " dt 2", std::move(curve.points)});
  }
  std::string script = absl::StrCat(
      "set terminal svg size 1500,1300 dynamic noenhanced background '#ffffff' font 'sans,11'\nset output '",
      absl::StrReplaceAll(file, {{"'", "''"}}), "'\n", "set multiplot layout ",
      results.overload.has_value() ? "3,2" : "2,2", "\nset grid\nset logscale y\nset key below maxrows 5\n");
  script += Panel("Calls a second over callers (closed loop)",
                  "set logscale x\nset autoscale xfix\nset xtics (1,8,32,64,200)\n"
                  "set xlabel 'callers'\nset ylabel 'calls/s'\n",
                  OverCallers(results.runs, &Sample::rate));
  script += Panel("Latency over callers: p50, dashed p99", "set ylabel 'us'\n", latencies);
  script +=
      Panel("Latency over offered rate (open loop)",
            "unset logscale x\nset xtics auto\nset xlabel 'calls/s'\nset ylabel 'us'\n", OverRate(results.offered));
  if (results.soak.has_value()) {
    script += Panel("Mixed load in steady state",
                    "unset logscale x\nset xtics auto\nset xlabel 'minutes'\nset ylabel 'us'\n"
                    "set ytics nomirror\nset y2tics\nset y2label 'MB'\nset y2range [0:*]\n",
                    OverTime(*results.soak));
  }
  if (results.overload.has_value()) {
    script += Panel("A flood of fifty times the capacity",
                    "unset logscale x\nset xtics auto\nset xlabel 'seconds'\nset ylabel 'us, calls/s'\n"
                    "set ytics nomirror\nset y2tics\nset y2label 'MB'\nset y2range [0:*]\n",
                    OverTime(*results.overload));
  }
  return script + "unset multiplot\n";
}

}  // namespace

absl::Status Plot(const Results& results, const std::string& file) {
  FILE* const gnuplot = popen("gnuplot", "w");
  if (gnuplot == nullptr) return absl::UnavailableError("can't start gnuplot");
  const std::string script = Script(results, file);
  std::fwrite(script.data(), 1, script.size(), gnuplot);
  return pclose(gnuplot) == 0 ? absl::OkStatus() : absl::UnavailableError("no plot: gnuplot is missing or failed");
}

}  // namespace lmp::bench

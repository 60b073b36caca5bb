#include "tests/benchmarks/scenarios/growth.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/scenarios/growth_site.h"

namespace lmp::bench {
namespace {

constexpr double kLimit = 1.3;

using Sites = std::vector<std::unique_ptr<GrowthSite>>;
// Median microseconds of each round, by work and site.
using Medians = std::map<size_t, std::vector<std::vector<double>>>;

absl::StatusOr<double> MedianOf(const GrowthSite::Work& work, int64_t from, int calls) {
  std::vector<double> micros;
  for (int i = 0; i < calls; ++i) {
    const absl::Time start = absl::Now();
    RETURN_IF_ERROR(work.call(from + i));
    micros.push_back(absl::ToDoubleMicroseconds(absl::Now() - start));
  }
  return SpreadOf(micros).median;
}

void PrintFill(const GrowthSite& site) {
  const FillReport& fill = site.fill();
  std::printf("filled %lld licenses of %lld customers: %lld rows, %lld of them events, in %.1f s: %.0f rows/s\n",
              static_cast<long long>(site.licenses()), static_cast<long long>(fill.customers * fill.blocks),
              static_cast<long long>(fill.rows), static_cast<long long>(fill.events), fill.seconds, fill.rate());
}

absl::Status PrintSizes(const GrowthSite& site) {
  ASSIGN_OR_RETURN(const auto sizes, site.Sizes());
  std::printf("\n| table at %lld licenses | rows | bytes a row | of it indexes | MB |\n|---|--:|--:|--:|--:|\n",
              static_cast<long long>(site.licenses()));
  for (const GrowthSite::TableSize& size : sizes) {
    std::printf("| %s | %.0f | %.0f | %.0f | %.0f |\n", size.table.c_str(), size.rows,
                (size.data + size.indexes) / size.rows, size.indexes / size.rows, (size.data + size.indexes) / 1e6);
  }
  return absl::OkStatus();
}

// Round 0 warms up.
absl::StatusOr<Medians> Measure(const Sites& sites, const GrowthOptions& options) {
  Medians medians;
  for (int round = 0; round <= options.rounds; ++round) {
    for (size_t work = 0; work < sites[0]->works().size(); ++work) {
      auto& of_work = medians[work];
      of_work.resize(sites.size());
      for (size_t n = 0; n < sites.size(); ++n) {
        const size_t site = (n + static_cast<size_t>(round)) % sites.size();  // no size always comes first
        const GrowthSite::Work& it = sites[site]->works()[work];
        const absl::StatusOr<double> median = MedianOf(it, round * options.calls, options.calls);
        if (!median.ok()) return absl::InternalError(absl::StrCat(it.name, ": ", median.status().message()));
        if (round > 0) of_work[site].push_back(*median);
      }
    }
  }
  return medians;
}

std::vector<Verdict> Judged(const Sites& sites, const Medians& medians) {
  std::vector<Verdict> verdicts;
  std::printf("\n| p50 us, one caller |");
  for (const auto& site : sites) std::printf(" %lld |", static_cast<long long>(site->licenses()));
  std::printf(" last / first | spread |\n|---|");
  for (size_t i = 0; i < sites.size(); ++i) std::printf("--:|");
  std::printf("--:|---|\n");
  for (const auto& [work, of_sites] : medians) {
    const std::string& name = sites[0]->works()[work].name;
    const Spread ratio = SpreadOf(Ratios(of_sites.back(), of_sites.front()));
    std::printf("| %s |", name.c_str());
    for (const auto& rounds : of_sites) std::printf(" %.0f |", SpreadOf(rounds).median);
    std::printf(" %.2f | %.2f-%.2f |\n", ratio.median, ratio.least, ratio.most);
    verdicts.push_back(
        {.id = "B6",
         .work = absl::StrCat(name, ", ", sites.back()->licenses(), " / ", sites.front()->licenses(), " licenses"),
         .target = absl::StrFormat("<= %.2f", kLimit),
         .measured =
             absl::StrFormat("%.0f us / %.0f us", SpreadOf(of_sites.back()).median, SpreadOf(of_sites.front()).median),
         .ratio = ratio,
         .met = ratio.median <= kLimit});
  }
  return verdicts;
}

}  // namespace

absl::StatusOr<std::vector<Verdict>> MeasureGrowth(const GrowthOptions& options) {
  Sites sites;
  for (const int64_t size : options.sizes) {
    ASSIGN_OR_RETURN(sites.emplace_back(), GrowthSite::Open(options, size));
    PrintFill(*sites.back());
    std::fflush(stdout);
  }
  for (const auto& site : sites) RETURN_IF_ERROR(PrintSizes(*site));
  std::vector<int64_t> reads;
  for (const auto& site : sites) reads.push_back(site->PagesRead());
  ASSIGN_OR_RETURN(const Medians medians, Measure(sites, options));
  std::vector<Verdict> verdicts = Judged(sites, medians);
  for (size_t i = 0; i < sites.size(); ++i) {
    std::printf("%lld licenses: %lld pages read from disk while measuring, warming up included\n",
                static_cast<long long>(sites[i]->licenses()), static_cast<long long>(sites[i]->PagesRead() - reads[i]));
  }
  return verdicts;
}

}  // namespace lmp::bench

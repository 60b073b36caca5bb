#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "server/domain/lookup.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/load/workloads.h"
#include "tests/benchmarks/scenarios/judged.h"
#include "tests/benchmarks/scenarios/limits.h"

namespace lmp::bench {
namespace {

constexpr double kPlansPerSecond = 100;
constexpr int kRuns = 4;  // times Options::assigns calls in a run
constexpr double kLeastOfRate = 0.9;
constexpr double kMostMb = 250;  // statements of all shapes, ready on every connection, are most of it
constexpr int kMostUnderWay = 200;

v1::CreateServicePlanRequest PlanRequest(int64_t number) {
  v1::CreateServicePlanRequest request;
  request.set_service_plan_id(absl::StrCat("bench-new-", number));
  v1::ServicePlan& plan = *request.mutable_service_plan();
  plan.set_display_name(absl::StrCat("New plan ", number));
  plan.set_partner(domain::PartnerName(kPartner));
  plan.set_product(domain::ProductName(kProducts[number % 3]));
  plan.set_initial_term_months(12);
  return request;
}

// Makes plans at even distances until it ends.
class PlanMaker final {
 public:
  PlanMaker(const Stubs& stubs, int64_t first)
      : work_(Unary(stubs, &LicensingRpcs::CreateServicePlan, [first](int64_t n) { return PlanRequest(first + n); })),
        thread_([this] { Run(); }) {}
  ~PlanMaker() { Stop().IgnoreError(); }

  // Waits for the calls under way. Returns how many plans were made in a second; or the first failure.
  absl::StatusOr<double> Stop() {
    if (thread_.joinable()) {
      stop_ = true;
      seconds_ = std::chrono::duration<double>(Clock::now() - start_).count();
      made_ = done_;
      thread_.join();
      while (under_way_ > 0) absl::SleepFor(absl::Milliseconds(1));
    }
    if (failed_ > 0) return absl::InternalError(absl::StrCat(failed_.load(), " plans could not be made"));
    return static_cast<double>(made_) / seconds_;
  }
  int64_t started() const { return started_; }

 private:
  void Run() {
    for (; !stop_; ++started_) {
      std::this_thread::sleep_until(start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                                                 static_cast<double>(started_) / kPlansPerSecond)));
      while (under_way_ >= kMostUnderWay && !stop_) absl::SleepFor(absl::Milliseconds(1));
      ++under_way_;
      work_(started_, static_cast<size_t>(started_), [this](const grpc::Status& status) {
        status.ok() ? ++done_ : ++failed_;
        --under_way_;
      });
    }
  }

  const Clock::time_point start_ = Clock::now();
  const Work work_;
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> started_{0}, done_{0}, failed_{0}, under_way_{0};
  int64_t made_ = 0;
  double seconds_ = 1;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::vector<Verdict>> MeasureNewPlans(const Options& options) {
  ASSIGN_OR_RETURN(const auto testbed, StartApart(options, {"--time-worker=0"}));
  const int callers = options.judged();
  const auto run = [&](const std::string& name) -> absl::Status {
    ASSIGN_OR_RETURN(std::vector<std::string> ids, testbed->customers().Make(options.assigns * kRuns));
    const auto calls = static_cast<int64_t>(ids.size());
    const Work work = AssignWork(testbed->service(), std::move(ids));
    return testbed->Measure(name, callers, [&] { return RunClosed(callers, {.calls = calls}, work); });
  };
  const std::string alone = kAssign;
  const std::string beside = absl::StrCat(kAssign, " beside new plans");
  RETURN_IF_ERROR(run("warm up"));
  std::vector<double> plans;
  int64_t made = 0;
  for (int round = 0; round < options.rounds; ++round) {
    RETURN_IF_ERROR(run(alone));
    PlanMaker maker(testbed->service(), made);
    RETURN_IF_ERROR(run(beside));
    ASSIGN_OR_RETURN(plans.emplace_back(), maker.Stop());
    made += maker.started();
  }
  const auto rates = [&](const std::string& name) {
    return Field(testbed->measurements().at({name, callers}), &Sample::rate);
  };
  const std::vector<double> most = {MemoryMb(testbed->service_pid(), "VmHWM")};
  const std::string work =
      absl::StrFormat("%s, c=%d, beside %.0f new plans/s / without", kAssign, callers, SpreadOf(plans).median);
  return std::vector<Verdict>{
      JudgeRatio("B15", work, rates(beside), rates(alone), "/s", Bound::kAtLeast, kLeastOfRate),
      JudgeAtMost("B15", absl::StrCat("memory of lmp-server, most ever, ", made, " new plans"), most, "MB", kMostMb)};
}

}  // namespace lmp::bench

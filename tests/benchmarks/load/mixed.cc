#include "tests/benchmarks/load/mixed.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "server/domain/lookup.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/load/open_loop.h"
#include "tests/benchmarks/load/workloads.h"

namespace lmp::bench {
namespace {

constexpr int kWindows = 10;
constexpr size_t kThird = 3;           // windows
constexpr double kSoakShare = 0.5;     // of the closed-loop rate
constexpr int kFreshCustomers = 1000;  // more than calls need by themselves

// Of each 100 calls this many.
struct Part {
  int share;
  Work work;
  // Writes count for themselves: a run that starts again from call 0 goes on with other customers.
  std::shared_ptr<std::atomic<int64_t>> turn = nullptr;
};

template <class Request, class Response>
Work ListOf(const Stubs& stubs,
            void (LicensingRpcs::*method)(grpc::ClientContext*, const Request*, Response*,
                                          std::function<void(grpc::Status)>),
            const std::vector<std::string>& customer_ids) {
  return Unary(stubs, method, [pick = Shuffled(customer_ids)](int64_t number) {
    Request request;
    request.set_parent(domain::CustomerName(pick[number]));
    request.set_page_size(kPage);
    return request;
  });
}

Work CustomerWork(const Stubs& stubs, const std::vector<std::string>& customer_ids) {
  return Unary(stubs, &CustomerRpcs::GetCustomer, [pick = Shuffled(customer_ids)](int64_t number) {
    v1::GetCustomerRequest request;
    request.set_name(domain::CustomerName(pick[number]));
    return request;
  });
}

// Other units each time a subscription's turn comes.
Work UpdateWork(const Stubs& stubs, const std::vector<std::string>& subscription_names) {
  const auto count = static_cast<int64_t>(subscription_names.size());
  return Unary(stubs, &LicensingRpcs::UpdateSubscription, [pick = Shuffled(subscription_names), count](int64_t number) {
    v1::UpdateSubscriptionRequest request;
    request.mutable_subscription()->set_name(pick[number]);
    v1::LicenseUnits* units = request.add_units();
    units->set_product(domain::ProductName(kProducts[0]));
    units->set_units(static_cast<int>(kUnits + 1 + number / count % 100));
    return request;
  });
}

double MedianRate(const Testbed& testbed) {
  const auto measured = testbed.measurements().find({kMixed, testbed.options().judged()});
  return measured == testbed.measurements().end() ? 0 : SpreadOf(Field(measured->second, &Sample::rate)).median;
}

double P99Of(const std::vector<Histogram>& windows, size_t from) {
  Histogram sum;
  for (size_t i = from; i < from + kThird; ++i) sum.Add(windows[i]);
  return sum.Percentile(0.99);
}

void CompareThirds(const std::vector<Histogram>& windows, Soak& soak) {
  const size_t last = windows.size() - kThird;
  soak.p99_first_us = P99Of(windows, 0);
  soak.p99_last_us = P99Of(windows, last);
  std::vector<double> pairs;
  for (size_t i = 0; i < kThird; ++i) {
    pairs.push_back(windows[last + i].Percentile(0.99) / std::max(1.0, windows[i].Percentile(0.99)));
  }
  soak.p99_ratio = SpreadOf(std::move(pairs));
  soak.p99_ratio.median = soak.p99_last_us / std::max(1.0, soak.p99_first_us);
}

}  // namespace

absl::StatusOr<Work> MakeMixed(Testbed& testbed, double calls) {
  const Stubs& stubs = testbed.service();
  ASSIGN_OR_RETURN(const Licensed read, MakeLicensed(testbed, testbed.options().check_customers));
  ASSIGN_OR_RETURN(const Licensed changed, MakeLicensed(testbed, testbed.options().check_customers));
  ASSIGN_OR_RETURN(std::vector<std::string> fresh,
                   testbed.customers().Make(static_cast<int>(calls / 100) + kFreshCustomers));
  const auto counter = [] { return std::make_shared<std::atomic<int64_t>>(0); };
  const std::vector<Part> parts = {
      {90, CheckWork(stubs, read.customers)},
      {2, GetWork(stubs, read.licenses)},
      {2, CustomerWork(stubs, read.customers)},
      {2, ListOf(stubs, &LicensingRpcs::ListLicenses, read.customers)},
      {1, ListOf(stubs, &LicensingRpcs::ListSubscriptions, read.customers)},
      {1, ListOf(stubs, &LicensingRpcs::ListEvents, read.customers)},
      {1, AssignWork(stubs, std::move(fresh)), counter()},
      {1, UpdateWork(stubs, changed.subscriptions), counter()},
  };
  return [parts](int64_t number, size_t lane, Done done) {
    int64_t place = number * 37 % 100;  // each once in 100 calls, the same kinds far apart
    auto part = parts.begin();
    for (; place >= part->share; ++part) place -= part->share;
    part->work(part->turn == nullptr ? number : part->turn->fetch_add(1), lane, std::move(done));
  };
}

absl::Status MeasureMixed(Testbed& testbed) {
  const Options& options = testbed.options();
  const Limit limit{.time = absl::Seconds(options.seconds)};
  ASSIGN_OR_RETURN(const Work work, MakeMixed(testbed, 0));
  RETURN_IF_ERROR(FirstError(RunClosed(options.judged(), limit, work)));  // warm up
  for (int round = 0; round < options.rounds; ++round) {
    for (const int callers : options.callers) {
      RETURN_IF_ERROR(testbed.Measure(kMixed, callers, [&] { return RunClosed(callers, limit, work); }));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Soak> MeasureSoak(Testbed& testbed) {
  Soak soak{.minutes = testbed.options().soak_minutes, .offered = kSoakShare * MedianRate(testbed)};
  if (soak.offered <= 0) return absl::FailedPreconditionError("the mixed load has no closed-loop rate");
  const double seconds = soak.minutes * 60;
  ASSIGN_OR_RETURN(const Work work, MakeMixed(testbed, soak.offered * seconds));
  const auto memory = [](pid_t pid) { return MemoryMb(pid, "VmRSS"); };
  soak.windows.resize(kWindows);
  soak.server_before_mb = memory(testbed.service_pid());
  soak.database_before_mb = memory(testbed.database_pid());
  const OpenRun run = RunOpen({.rate = soak.offered,
                               .time = absl::Seconds(seconds),
                               .windows = kWindows,
                               .window_end =
                                   [&](int window) {
                                     Soak::Window& ended = soak.windows[static_cast<size_t>(window)];
                                     ended.server_mb = memory(testbed.service_pid());
                                     ended.database_mb = memory(testbed.database_pid());
                                   }},
                              work);
  for (size_t i = 0; i < soak.windows.size(); ++i) {
    soak.windows[i].p50_us = run.windows[i].Percentile(0.5);
    soak.windows[i].p99_us = run.windows[i].Percentile(0.99);
    soak.windows[i].p999_us = run.windows[i].Percentile(0.999);
  }
  CompareThirds(run.windows, soak);
  soak.calls = run.total.calls;
  soak.achieved = static_cast<double>(run.total.calls) / run.total.seconds;
  soak.errors = run.total.errors + run.dropped;
  soak.first_error = run.total.first_error;
  if (soak.first_error.empty() && run.dropped > 0) soak.first_error = "more calls under way than the bench allows";
  return soak;
}

}  // namespace lmp::bench

#include "server/observe/call_metrics.h"

#include "absl/strings/str_cat.h"

namespace lmp::observe {
namespace {

// A check that is answered from memory takes tens of microseconds, an assignment milliseconds; no call takes more than
// a minute.
const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

}  // namespace

CallMetrics::CallMetrics(prometheus::Registry& registry)
    : calls_(prometheus::BuildCounter()
                 .Name("lmp_calls_total")
                 .Help("Calls that ended, by RPC, status code and the reason of an error")
                 .Register(registry)),
      durations_(prometheus::BuildHistogram()
                     .Name("lmp_call_duration_seconds")
                     .Help("From a call's arrival to its answer, or to its client's leaving, by RPC")
                     .Register(registry)) {}

void CallMetrics::Count(const std::string& method, absl::string_view code, absl::string_view reason,
                        absl::Duration took) {
  prometheus::Counter* counter = nullptr;
  prometheus::Histogram* durations = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    auto found = methods_.find(method);
    if (found == methods_.end()) {
      found = methods_.emplace(method, Ends{&durations_.Add({{"method", method}}, kSeconds), {}}).first;
    }
    counter = &CounterOf(found->second, method, code, reason);
    durations = found->second.durations;
  }
  counter->Increment();
  durations->Observe(absl::ToDoubleSeconds(took));
}

prometheus::Counter& CallMetrics::CounterOf(Ends& ends, const std::string& method, absl::string_view code,
                                            absl::string_view reason) {
  prometheus::Counter*& counter = ends.counters[absl::StrCat(code, " ", reason)];
  if (counter == nullptr) {
    counter = &calls_.Add({{"method", method}, {"code", std::string(code)}, {"reason", std::string(reason)}});
  }
  return *counter;
}

}  // namespace lmp::observe

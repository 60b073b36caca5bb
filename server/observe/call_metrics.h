// Counts calls by their result, and measures how long they took.
#ifndef LMP_SERVER_OBSERVE_CALL_METRICS_H_
#define LMP_SERVER_OBSERVE_CALL_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace lmp::observe {

// Thread-safe. The labels are names of RPCs, codes and reasons, some hundreds in all; they are never anything that a
// caller sent.
class CallMetrics final {
 public:
  // `registry` must outlive this object.
  explicit CallMetrics(prometheus::Registry& registry);

  // `reason` is that of ErrorInfo; empty if there is none.
  void Count(const std::string& method, absl::string_view code, absl::string_view reason, absl::Duration took)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Ends {
    prometheus::Histogram* durations;
    absl::flat_hash_map<std::string, prometheus::Counter*> counters;  // by code and reason
  };
  prometheus::Counter& CounterOf(Ends& ends, const std::string& method, absl::string_view code,
                                 absl::string_view reason) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  prometheus::Family<prometheus::Counter>& calls_;
  prometheus::Family<prometheus::Histogram>& durations_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Ends> methods_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lmp::observe

#endif  // LMP_SERVER_OBSERVE_CALL_METRICS_H_

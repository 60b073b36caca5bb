// The peaks of what a customer had and used in a span of time: the numbers of the usage report.
#ifndef LMP_SERVER_DOMAIN_LICENSE_USAGE_H_
#define LMP_SERVER_DOMAIN_LICENSE_USAGE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "storage/model/change_set.h"
#include "storage/model/world.h"

namespace lmp::domain {

// What counts of one product, from an instant until the next step.
struct UsageStep {
  absl::Time from;
  int64_t provisioned = 0;      // units of the licenses that count
  std::optional<int64_t> used;  // use last reported for the same licenses; empty if none of them has a report
};
using UsageTimeline = std::vector<UsageStep>;  // In order of time; of several steps at one instant the last one holds.

struct UsagePeak {
  int64_t provisioned = 0;
  std::optional<int64_t> used;
  bool operator==(const UsagePeak&) const = default;
};

// The largest value of each number at any instant of [start, end). A value that held for no time at all, between two
// changes at one instant, does not count.
UsagePeak PeakOf(const UsageTimeline& timeline, absl::Time start, absl::Time end);

// The share of the provisioned units that was not used, in whole percent, rounded down. It is 0 without a report, or if
// more was used than provisioned.
int OverProvisionedPercent(const UsagePeak& peak);
// The units to be paid for: those used, or those provisioned if no use was ever reported. [LMP]
int64_t ChargeableUnits(const UsagePeak& peak);

// A change, with the instant from which it counts.
struct DatedChange {
  absl::Time time;
  model::ChangeSet change;
};

// Follows a customer over [start, end), change by change: of a customer with a million changes only the timelines are
// held. Between the changes days pass, and licenses start, expire and end. Counted are licenses that are usable, FULL
// and not NFR.
class UsageRecorder final {
 public:
  // `world` has the customer's rows and their catalog before the first change.
  UsageRecorder(model::World world, std::string customer_id, absl::Time start, absl::Time end)
      : world_(std::move(world)), customer_id_(std::move(customer_id)), now_(start), end_(end) {}

  // In order of time; changes before `start` lead to the state at `start`, and those from `end` on count for nothing.
  void Add(const DatedChange& dated_change);
  // The timelines by product, once all changes were added.
  std::map<std::string, UsageTimeline> Finish() &&;

 private:
  // What a license that counts adds to its product.
  struct Part {
    std::string product_id;
    int64_t units = 0;
    std::optional<int64_t> used;
  };
  struct Total {
    int64_t provisioned = 0;
    int64_t used = 0;
    int64_t reporting = 0;  // how many of the licenses have a report
    void Add(const Part& part, int sign);
  };

  void RecordUntil(absl::Time time);
  void AddSteps();
  // Marks the licenses that may count as more or less than before the change: a customer with ten thousand may have as
  // many reports of use in a month, and each is of a few.
  void Mark(const model::ChangeSet& change);
  void RecountStale();
  void Recount(const model::License& license);

  model::World world_;
  const std::string customer_id_;
  absl::Time now_;  // before it everything is recorded
  const absl::Time end_;
  std::map<model::RowKey, Part> counted_;
  std::map<std::string, Total> totals_;  // by product, of those that ever counted
  bool all_stale_ = true;
  std::set<model::RowKey> stale_;
  std::map<std::string, UsageTimeline> timelines_;
};

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_USAGE_H_

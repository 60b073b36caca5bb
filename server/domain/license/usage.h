// What a customer had and used in a span of time, at the peak: the numbers of the usage report.
#ifndef LMP_SERVER_DOMAIN_LICENSE_USAGE_H_
#define LMP_SERVER_DOMAIN_LICENSE_USAGE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "storage/model/change_set.h"
#include "storage/model/world.h"

namespace lmp::domain {

// What counts of one product from an instant on, until the next step.
struct UsageStep {
  absl::Time from;
  int64_t provisioned = 0;      // units of the licenses that count
  std::optional<int64_t> used;  // of the same licenses, as reported last; none if none of them has a report
};
using UsageTimeline = std::vector<UsageStep>;  // in order of time; of steps at one instant the last one holds

struct UsagePeak {
  int64_t provisioned = 0;
  std::optional<int64_t> used;
  bool operator==(const UsagePeak&) const = default;
};

// The most of each at any instant of [start, end). What held for no time at all, between two changes at one instant,
// does not count.
UsagePeak PeakOf(const UsageTimeline& timeline, absl::Time start, absl::Time end);

// Share of the provisioned units that was not used, in whole percent, rounded down. 0 without a report or with more
// used than provisioned.
int OverProvisionedPercent(const UsagePeak& peak);
// Units to be paid for: those used, or those provisioned if no use was ever reported. [LMP]
int64_t ChargeableUnits(const UsagePeak& peak);

// A change, at the instant from which it counts.
struct DatedChange {
  absl::Time time;
  model::ChangeSet change;
};

// The customer's timelines over [start, end), by product. `world`: its rows, with their catalog, before the first
// dated_change; dated_changes are in order of time, and those before `start` lead to where the span begins. Between
// them days pass, and licenses start, expire and end. Licenses count that are usable, FULL, and not NFR.
std::map<std::string, UsageTimeline> UsageTimelines(model::World world, const std::string& customer_id,
                                                    const std::vector<DatedChange>& dated_changes, absl::Time start,
                                                    absl::Time end);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_USAGE_H_

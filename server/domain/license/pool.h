// Pools: units that a partner may hand out. One rule, applied after every decision, whatever the verb.
#ifndef LMP_SERVER_DOMAIN_LICENSE_POOL_H_
#define LMP_SERVER_DOMAIN_LICENSE_POOL_H_

#include "absl/status/status.h"
#include "storage/model/world.h"

namespace lmp::domain {

// No pool has more, far beyond any stock. What licenses have together may be more: it is summed in 64 bits.
inline constexpr int kMaxPoolUnits = 1'000'000'000;

// Units a refill adds to a pool with this threshold: 1.5 times, rounded up. [LMP]
int RefillUnits(int minimum);

// Moves units between pools and licenses so that in every pool of `after`, `assigned` follows the licenses that are not
// closed, as they changed from `before`. A product without a pool is unlimited. A pool that falls below its minimum is
// refilled once. Errors: FAILED_PRECONDITION POOL_EXHAUSTED, naming pool, units wanted and units left.
absl::Status SettlePools(const model::World& before, model::World& after);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_POOL_H_

// Pools: units that a partner may hand out. There is one rule; it is applied after every decision, whatever the verb.
#ifndef LMP_SERVER_DOMAIN_LICENSE_POOL_H_
#define LMP_SERVER_DOMAIN_LICENSE_POOL_H_

#include "absl/status/status.h"
#include "storage/model/world.h"

namespace lmp::domain {

// The most units that a pool can have; it is far beyond any stock. The units of a partner's licenses may be more in
// total, so they are summed in 64 bits.
inline constexpr int kMaxPoolUnits = 1'000'000'000;

// Units that a refill adds to a pool with this threshold: 1.5 times the threshold, rounded up. [LMP]
int RefillUnits(int minimum);

// Moves units between pools and licenses. In every pool of `after`, `assigned` follows the licenses that are not
// closed, by how they changed from `before`. A product without a pool is unlimited. A pool that falls below its minimum
// is refilled once. Errors: FAILED_PRECONDITION POOL_EXHAUSTED, naming the pool, the units wanted and the units left.
absl::Status SettlePools(const model::World& before, model::World& after);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_POOL_H_

// A partner's pools: stock and refill threshold. Drawing on them is no verb: it follows from the licenses (pool.h).
#ifndef LMP_SERVER_DOMAIN_LICENSE_POOL_VERBS_H_
#define LMP_SERVER_DOMAIN_LICENSE_POOL_VERBS_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "storage/model/world.h"

namespace lmp::domain {

struct PoolCommand {
  std::string partner_id;
  std::string product_id;
  std::string etag;
};

struct UpdateLicensePoolCommand : PoolCommand {
  int minimum = 0;

  model::Footprint footprint() const { return {.pools = {{partner_id, product_id}}}; }
};

struct AddLicensePoolUnitsCommand : PoolCommand {
  int units = 0;

  // A new pool must count every license that is being made at the same time. So the command excludes every other writer
  // for a moment.
  model::Footprint footprint() const { return {.changes_catalog = true, .pools = {{partner_id, product_id}}}; }
};

// Each returns the pool's key. Errors: PARTNER_NOT_FOUND; LICENSE_POOL_NOT_FOUND (update); PRODUCT_NOT_FOUND;
// INVALID_ARGUMENT (a suite has no pool); ETAG_MISMATCH; POOL_EXHAUSTED (a new pool is smaller than what is assigned
// already).
absl::StatusOr<model::RowKey> UpdateLicensePool(model::World& world, const UpdateLicensePoolCommand& command,
                                                const Env& env);
absl::StatusOr<model::RowKey> AddLicensePoolUnits(model::World& world, const AddLicensePoolUnitsCommand& command,
                                                  const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_POOL_VERBS_H_

// Values that at most one row of a partner may have.
#ifndef LMP_SERVER_DOMAIN_UNIQUE_H_
#define LMP_SERVER_DOMAIN_UNIQUE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "storage/model/world.h"

namespace lmp::domain {

// Gives `wanted` to the row `row_id` and frees `released` (empty: nothing to free), so that later commands of the batch
// see it. Errors: ALREADY_EXISTS with `reason` if another row has the value; the refusal names that row as
// `collection/id`.
absl::Status TakeUnique(model::World& world, const model::UniqueValue& wanted, const std::string& released,
                        const std::string& row_id, absl::string_view reason, absl::string_view collection);

// Frees a value that a row gives up without taking another.
void ReleaseUnique(model::World& world, const model::UniqueValue& released);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_UNIQUE_H_

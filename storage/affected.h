// Counts what hangs on a row. LoadWorld uses it for writers.
#ifndef LMP_STORAGE_AFFECTED_H_
#define LMP_STORAGE_AFFECTED_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/model/affected.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// Counts what hangs on a partner, a product or a suite; for a customer the caller has the rows itself. The rows of the
// customers `at_hand` are not counted: the caller has loaded them and applied what was due to them. A count may be
// kMaxCounted + 1. Errors: those of the connection.
absl::StatusOr<model::Affected> CountAffected(Connection& connection, const model::AffectedBy& by,
                                              const std::vector<std::string>& at_hand);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_AFFECTED_H_

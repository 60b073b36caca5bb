// Counts what hangs on a row. Part of LoadWorld for writers.
#ifndef LMP_STORAGE_AFFECTED_H_
#define LMP_STORAGE_AFFECTED_H_

#include "absl/status/statusor.h"
#include "storage/connection.h"
#include "storage/model/affected.h"

namespace lmp::storage {

// Of a partner, product or suite; of a customer the rows are at hand. As stored: what ended and nobody noticed yet is counted.
// Errors: those of the connection.
absl::StatusOr<model::Affected> CountAffected(Connection& connection, const model::AffectedBy& by);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_AFFECTED_H_

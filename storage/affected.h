// Counts what hangs on a row. Part of LoadWorld for writers.
#ifndef LMP_STORAGE_AFFECTED_H_
#define LMP_STORAGE_AFFECTED_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/model/affected.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// Of a partner, product or suite; of a customer the rows are at hand. Without what is of the customers at hand: of
// these the caller knows what time did. May count one beyond kMaxCounted. Errors: those of the connection.
absl::StatusOr<model::Affected> CountAffected(Connection& connection, const model::AffectedBy& by,
                                              const std::vector<std::string>& at_hand);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_AFFECTED_H_

// License tokens that have expired: no revocation list names them any more, so nobody asks for them.
#ifndef LMP_STORAGE_TOKEN_EXPIRY_H_
#define LMP_STORAGE_TOKEN_EXPIRY_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/model/row.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

struct ExpiredTokens {
  int64_t deleted = 0;
  model::RowKey last;  // of those that were looked at; empty at the end of the table
};

// Looks at the next `limit` tokens behind `after`, in order of their keys (no index knows when they expire), and
// deletes those of them that expired before `before`. What was told of them in events stays. Errors: those of the
// connection.
absl::StatusOr<ExpiredTokens> DeleteExpiredTokens(Connection& connection, absl::Time before, const model::RowKey& after,
                                                  int limit);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_TOKEN_EXPIRY_H_

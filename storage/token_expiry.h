// Deletes license tokens that have expired: no revocation list names them any more, so nobody needs them.
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
  model::RowKey last;  // the last token that was looked at; empty at the end of the table
};

// Looks at the next `limit` tokens after `after`, in order of their keys (there is no index by expiration), and deletes
// those that expired before `before`. The events about them stay. Errors: those of the connection.
absl::StatusOr<ExpiredTokens> DeleteExpiredTokens(Connection& connection, absl::Time before, const model::RowKey& after,
                                                  int limit);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_TOKEN_EXPIRY_H_

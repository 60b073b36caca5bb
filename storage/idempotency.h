// Answers that are stored by request_id, so that a repeated request gets the first answer and has no second effect.
#ifndef LMP_STORAGE_IDEMPOTENCY_H_
#define LMP_STORAGE_IDEMPOTENCY_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/model/event.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

using RequestKey = std::pair<std::string, std::string>;  // caller, request_id

// Returns the records of those `keys` that have been answered. The keys have their ids in lower case; the case of a
// stored id does not count. Errors: those of the connection.
absl::StatusOr<std::map<RequestKey, model::IdempotencyRecord>> LoadIdempotencyRecords(
    Connection& connection, const std::vector<RequestKey>& keys);

// Errors: those of the connection; ALREADY_EXISTS if another transaction answered one of them first.
absl::Status InsertIdempotencyRecords(Connection& connection, const std::vector<model::IdempotencyRecord>& requests);

// Deletes answers that were given before `before`, the oldest first, at most `limit` of them; returns how many. Errors:
// those of the connection.
absl::StatusOr<int64_t> DeleteRequests(Connection& connection, absl::Time before, int limit);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_IDEMPOTENCY_H_

// How far back the history is kept: for ever, or, if the operator wants it so, for some days (server/workers/
// history_retention.h). What is taken away is a prefix of the sequence, of events that are in the archive, and what is
// left is still proven: the chain goes on from the hash that it had there, and of the tree all nodes over 256 leaves
// and more are kept, so that the prefix ends with a block of these.
//
// Rows need none of it. What they were at an instant is computed backwards, from what they are now by the events since,
// so an instant can be asked about if all events since are there.
#ifndef LMP_STORAGE_HISTORY_RETENTION_H_
#define LMP_STORAGE_HISTORY_RETENTION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// The last event that is not kept any more.
struct HistoryBase {
  int64_t sequence = 0;                    // 0: all are kept
  std::string chain_hash;                  // up to it
  absl::Time time = absl::InfinitePast();  // all that are not kept are from then or before
};
// Errors: those of the connection; DATA_LOSS if the head is gone.
absl::StatusOr<HistoryBase> LoadHistoryBase(Connection& connection);

// Inside a transaction (READ COMMITTED): takes the next block of events away, if all of them are in the archive, in the
// tree, and older than `before`. Returns how many that are: 0, also if another session does it at the same time.
// Errors: those of the connection; DATA_LOSS if the head is gone; ABORTED if the block changed meanwhile.
absl::StatusOr<int64_t> DropEvents(Connection& connection, absl::Time before, int limit);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_HISTORY_RETENTION_H_

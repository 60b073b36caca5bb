// How far the history goes: the one row of `history_head`, and the events behind it that have no number yet
// (event_sequence.h).
#ifndef LMP_STORAGE_HISTORY_HEAD_H_
#define LMP_STORAGE_HISTORY_HEAD_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// The end of the history.
struct HistoryHead {
  int64_t sequence = 0;    // of the last event; 0: there is none
  std::string chain_hash;  // history_chain.h; 32 bytes
};

// Without a lock. Errors: those of the connection; DATA_LOSS if its row is gone.
absl::StatusOr<HistoryHead> LoadHistoryHead(Connection& connection);
// Whoever gives numbers has it locked, until the end of the transaction. Errors: as LoadHistoryHead.
absl::StatusOr<HistoryHead> LockHistoryHead(Connection& connection);

// Up to which number there are events on any node of a cluster that has answered by now: what this one has not applied
// yet is waited for. Without a cluster as in LoadHistoryHead, but also of what was committed since a snapshot began.
// Errors: those of the connection.
absl::StatusOr<int64_t> LatestSequence(Connection& connection);

// The head, and how far committed events have their numbers: two look-ups along indexes, and one snapshot.
struct HistoryProgress {
  HistoryHead head;
  int64_t last_event = 0;  // the largest id that is visible; 0: there is no event
  int64_t first_without =
      INT64_MAX;  // the smallest id of an event without a number; the largest integer: there is none
};
// Errors: as LoadHistoryHead.
absl::StatusOr<HistoryProgress> LoadHistoryProgress(Connection& connection);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_HISTORY_HEAD_H_

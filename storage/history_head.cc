#include "storage/history_head.h"

#include <memory>

#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr char kHead[] = "SELECT sequence, chain_hash FROM history_head WHERE id = 1";
constexpr char kProgress[] =
    "SELECT sequence, chain_hash, COALESCE((SELECT MAX(event_id) FROM events), 0), COALESCE((SELECT e.event_id FROM "
    "events AS e FORCE INDEX (events_by_sequence) WHERE e.sequence = 0 ORDER BY e.event_id LIMIT 1), "
    "9223372036854775807) FROM history_head WHERE id = 1";
constexpr char kLockHead[] = "SELECT sequence, chain_hash FROM history_head WHERE id = 1 FOR UPDATE";
constexpr char kLatest[] = "SELECT sequence FROM history_head WHERE id = 1 LOCK IN SHARE MODE";

absl::StatusOr<HistoryHead> ReadHead(Connection& connection, const char* sql) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(sql, {}));
  if (!rows->Next()) {
    RETURN_IF_ERROR(rows->status());
    return absl::DataLossError("the head of the history is gone");
  }
  HistoryHead head{rows->Int64(0), rows->String(1)};
  RETURN_IF_ERROR(rows->status());
  return head;
}

}  // namespace

absl::StatusOr<HistoryHead> LoadHistoryHead(Connection& connection) { return ReadHead(connection, kHead); }

absl::StatusOr<HistoryHead> LockHistoryHead(Connection& connection) { return ReadHead(connection, kLockHead); }

absl::StatusOr<int64_t> LatestSequence(Connection& connection) {
  const std::string causally = connection.is_cluster_node() ? "SET STATEMENT wsrep_sync_wait=1 FOR " : "";
  ASSIGN_OR_RETURN(const auto rows, connection.Query(causally + kLatest, {}));
  const int64_t latest = rows->Next() ? rows->Int64(0) : 0;
  RETURN_IF_ERROR(rows->status());
  return latest;
}

absl::StatusOr<HistoryProgress> LoadHistoryProgress(Connection& connection) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kProgress, {}));
  if (!rows->Next()) {
    RETURN_IF_ERROR(rows->status());
    return absl::DataLossError("the head of the history is gone");
  }
  HistoryProgress progress{{rows->Int64(0), rows->String(1)}, rows->Int64(2), rows->Int64(3)};
  RETURN_IF_ERROR(rows->status());
  return progress;
}

}  // namespace lmp::storage

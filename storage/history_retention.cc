#include "storage/history_retention.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "storage/history_chain.h"
#include "storage/history_tree.h"
#include "storage/rows/columns.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr char kLoad[] = "SELECT base_sequence, base_hash, base_time FROM history_head WHERE id = 1";
constexpr char kBlock[] = "SELECT COUNT(*), MAX(event_time) FROM events_archive WHERE sequence > ? AND sequence <= ?";
constexpr char kHash[] = "SELECT chain_hash FROM events_archive WHERE sequence = ?";
constexpr char kMove[] =
    "UPDATE history_head SET base_sequence = ?, base_hash = UNHEX(?), base_time = ? WHERE id = 1 AND base_sequence = ?";
constexpr char kDrop[] = "DELETE FROM events_archive WHERE sequence > ? AND sequence <= ?";

}  // namespace

absl::StatusOr<HistoryBase> LoadHistoryBase(Connection& connection) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kLoad, {}));
  if (!rows->Next()) {
    RETURN_IF_ERROR(rows->status());
    return absl::DataLossError("the head of the history is gone");
  }
  HistoryBase base{.sequence = rows->Int64(0), .chain_hash = rows->String(1)};
  if (base.sequence == 0) base.chain_hash = EmptyChain();
  if (!rows->IsNull(2)) FromColumn(*rows, 2, base.time);
  RETURN_IF_ERROR(rows->status());
  return base;
}

absl::StatusOr<int64_t> DropEvents(Connection& connection, absl::Time before, int limit) {
  if (limit < kTreeBlock) return 0;
  ASSIGN_OR_RETURN(const HistoryBase base, LoadHistoryBase(connection));
  ASSIGN_OR_RETURN(const MerkleFrontier tree, LoadTree(connection));
  const int64_t end = base.sequence + kTreeBlock;
  if (tree.size() < end) return 0;
  ASSIGN_OR_RETURN(const auto block, connection.Query(kBlock, {base.sequence, end}));
  HistoryBase next{.sequence = end};
  const bool whole = block->Next() && block->Int64(0) == kTreeBlock;
  if (!whole) {
    RETURN_IF_ERROR(block->status());
    return 0;
  }
  FromColumn(*block, 1, next.time);
  RETURN_IF_ERROR(block->status());
  if (next.time >= before) return 0;
  next.time = std::max(next.time, base.time);
  ASSIGN_OR_RETURN(const auto hash, connection.Query(kHash, {end}));
  if (hash->Next()) next.chain_hash = hash->String(0);
  RETURN_IF_ERROR(hash->status());
  // Who gives numbers locks the same row first. Another session that does this waits here, and then finds that it was
  // done.
  ASSIGN_OR_RETURN(const int64_t moved, connection.Update(kMove, {end, absl::BytesToHexString(next.chain_hash),
                                                                  FormatDateTime(next.time), base.sequence}));
  if (moved == 0) return 0;
  ASSIGN_OR_RETURN(const int64_t dropped, connection.Update(kDrop, {base.sequence, end}));
  if (dropped != kTreeBlock) return absl::AbortedError("the history changed while its beginning was taken away");
  return dropped;
}

}  // namespace lmp::storage

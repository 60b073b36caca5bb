#include "server/workers/history_retention.h"

#include <utility>

#include "storage/history_retention.h"
#include "storage/history_tree.h"

namespace lmp::server {
namespace {

constexpr RetentionTask kDrop = {
    .step = storage::DropEvents,
    .at_once = static_cast<int>(storage::kTreeBlock),  // a transaction of some tens of milliseconds
    .pause = LeaveTheRestToCallers,
    .texts = {.done = "events taken away that are older than the history is kept",
              .failed = "old events could not be taken away: it will be tried again",
              .rows = "events"}};

}  // namespace

HistoryRetention::HistoryRetention(storage::Database& database, absl::Duration keep, std::function<absl::Time()> clock)
    : RetentionWorker(kDrop, database, keep, std::move(clock)) {}

}  // namespace lmp::server

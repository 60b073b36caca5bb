#include "server/workers/event_archive.h"

#include <utility>

#include "storage/event_archive.h"

namespace lmp::server {
namespace {

constexpr RetentionTask kMove = {
    .step = storage::ArchiveEvents,
    .at_once = 200,  // a transaction of some tens of milliseconds
    .pause = LeaveTheRestToCallers,
    .texts = {.done = "old events moved to the archive",
              .failed = "old events could not be moved to the archive: it will be tried again",
              .rows = "events"}};

}  // namespace

EventArchive::EventArchive(storage::Database& database, absl::Duration keep, std::function<absl::Time()> clock)
    : RetentionWorker(kMove, database, keep, std::move(clock)) {}

}  // namespace lmp::server

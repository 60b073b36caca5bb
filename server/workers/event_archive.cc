#include "server/workers/event_archive.h"

#include <algorithm>
#include <utility>

#include "storage/event_archive.h"

namespace lmp::server {
namespace {

constexpr int kPauseFactor =
    3;  // so it works a quarter of the time at most: the rest of disk and processors is for callers
constexpr absl::Duration kMaxPause = absl::Seconds(1);

constexpr RetentionTask kMove = {
    .step = storage::ArchiveEvents,
    .at_once = 200,  // a transaction of some tens of milliseconds
    .pause = [](absl::Duration took) { return std::min(kPauseFactor * took, kMaxPause); },
    .texts = {.done = "old events moved to the archive",
              .failed = "old events could not be moved to the archive: it will be tried again",
              .rows = "events"}};

}  // namespace

EventArchive::EventArchive(storage::Database& database, absl::Duration keep, std::function<absl::Time()> clock)
    : RetentionWorker(kMove, database, keep, std::move(clock)) {}

}  // namespace lmp::server

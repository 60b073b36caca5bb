#include "server/workers/gauge_reader.h"

#include "absl/time/clock.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr absl::Duration kPeriod = absl::Seconds(15);
constexpr absl::Duration kFresh = absl::Seconds(45);  // three periods
constexpr absl::Duration kTimeout = absl::Seconds(5);
constexpr PassMessages kTexts = {.done = "",  // a pass does nothing that counts
                                 .failed = "the metrics of the database could not be read: it will be tried again",
                                 .rows = "rows"};

}  // namespace

void GaugeReader::Start() {
  periodic_.Start(
      kPeriod, kTexts, [] { return true; }, [this] { return Read(); });
}

std::optional<storage::Gauges> GaugeReader::Latest() const {
  absl::MutexLock lock(&mutex_);
  if (absl::Now() - read_at_ > kFresh) return std::nullopt;
  return gauges_;
}

absl::StatusOr<int64_t> GaugeReader::Read() {
  storage::Gauges gauges;
  RETURN_IF_ERROR(database_.Read(absl::Now() + kTimeout, [&](storage::Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(gauges, storage::ReadGauges(connection, clock_()));
    return absl::OkStatus();
  }));
  absl::MutexLock lock(&mutex_);
  gauges_ = gauges;
  read_at_ = absl::Now();
  return 0;
}

}  // namespace lmp::server

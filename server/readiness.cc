#include "server/readiness.h"

#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr char kProbe[] =
    "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) FROM catalogue_version WHERE id = 1";

}  // namespace

Probe ProbeDatabase(storage::Database& database, absl::Time deadline, const std::function<absl::Time()>& clock) {
  const absl::Time began = absl::Now();
  Probe probe;
  probe.status = database.Read(deadline, [&](storage::Connection& connection) -> absl::Status {
    const absl::Time before = clock();
    ASSIGN_OR_RETURN(const auto rows, connection.Query(kProbe, {}));
    const absl::Time after = clock();
    if (rows->Next()) probe.ahead = before + (after - before) / 2 - absl::FromUnixMicros(rows->Int64(0));
    return rows->status();
  });
  probe.took = absl::Now() - began;
  return probe;
}

Readiness::State Readiness::Take(const Probe& probe) {
  if (probe.status.ok()) {
    misses_ = 0;
    state_ = absl::AbsDuration(probe.ahead) > kMaxClockDifference ? State::kClockWrong : State::kReady;
  } else if (probe.took < kSlowProbe || ++misses_ >= kMissesUntilAway) {
    state_ = State::kDatabaseAway;
  }
  return state_;
}

}  // namespace lmp::server

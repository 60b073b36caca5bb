// What an operator wants to see of the database as a whole; for metrics.
#ifndef LMP_STORAGE_GAUGES_H_
#define LMP_STORAGE_GAUGES_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

struct Gauges {
  int64_t due_licenses = 0;       // whose renewal, change or end is not stored yet; counted to kMostCounted
  int64_t due_days = 0;           // since the day of the oldest of them; 0: it is today, or nothing is due
  int64_t events_unnumbered = 0;  // without a place in the history yet; counted to kMostCounted
  int64_t pools = 0;              // with units
  int64_t pools_near_end = 0;     // of these, with a tenth of their units left, or less
  int64_t pools_used_up = 0;      // of these, with nothing left
  int64_t requests = 0;           // answers kept by request_id; the database's own estimate, as are the next two
  int64_t events = 0;
  int64_t archived_events = 0;
  absl::Time oldest_request = absl::InfiniteFuture();  // when the oldest such answer was given; none: InfiniteFuture
  // When the next of the active API keys ends, of those bound to nothing and of partners' keys; none: InfiniteFuture.
  absl::Time next_unbound_key_end = absl::InfiniteFuture();
  absl::Time next_partner_key_end = absl::InfiniteFuture();
};

// More than this many rows need not be counted to know that something is wrong.
inline constexpr int kMostCounted = 10'000;

// Some quick statements, each of its own; `now` is the time of business. Errors: those of the connection.
absl::StatusOr<Gauges> ReadGauges(Connection& connection, absl::Time now);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_GAUGES_H_

// `lmp-server check`: recomputes the invariants over a whole database and names every row that breaks one.
#ifndef LMP_SERVER_CHECK_H_
#define LMP_SERVER_CHECK_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/model/row.h"
#include "storage/mysql/connection.h"

namespace lmp::server {

struct CheckReport {
  int64_t rows = 0;        // rows that were checked
  int64_t violations = 0;  // violations that were reported
};

// Reads the database in pages, without locks, in one snapshot. `tell` gets one sentence for each violation of:
//   I1  and the form of licenses;
//   I2  pools against the sum of their licenses;
//   I3  every row equals the image of its last event and has one event for each revision, and the archive of events
//       ends before the other events begin.
// Errors: those of the connection.
absl::StatusOr<CheckReport> CheckDatabase(storage::Connection& connection, model::Date today,
                                          const std::function<void(const std::string&)>& tell);

}  // namespace lmp::server

#endif  // LMP_SERVER_CHECK_H_

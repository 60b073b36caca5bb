// `lmp-server check`: recomputes the invariants over a whole database and names every row that breaks one.
#ifndef LMP_SERVER_CHECK_H_
#define LMP_SERVER_CHECK_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
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
// `progress`, if any, gets the number of rows so far after each page. Errors: those of the connection.
absl::StatusOr<CheckReport> CheckDatabase(storage::Connection& connection, model::Date today,
                                          const std::function<void(const std::string&)>& tell,
                                          const std::function<void(int64_t rows)>& progress = nullptr);

// About how many rows CheckDatabase will check, as the database estimates. Errors: those of the connection.
absl::StatusOr<int64_t> RowsToCheck(storage::Connection& connection);

// What is said of a check under way, at most once in kInterval: nobody should have to guess whether it still works.
class CheckProgress final {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(5);

  CheckProgress(int64_t estimate, absl::Time start) : estimate_(estimate), start_(start), said_(start) {}

  // "12000 of about 60000 rows, 2400 rows/s, about 20 s left"; empty: nothing is to be said now.
  std::string Line(int64_t rows, absl::Time now);

 private:
  const int64_t estimate_;
  const absl::Time start_;
  absl::Time said_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_CHECK_H_

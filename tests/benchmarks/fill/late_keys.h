// A table is filled fastest without its secondary keys: those are made afterwards, all of a table in one pass over it
// and sorted, which costs a fraction of keeping them in order row by row.
#ifndef LMP_TESTS_BENCHMARKS_FILL_LATE_KEYS_H_
#define LMP_TESTS_BENCHMARKS_FILL_LATE_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/mysql/connection.h"

namespace lmp::bench {

class LateKeys final {
 public:
  // Takes the secondary keys of these tables away, those that foreign keys need too. Errors: those of the statements.
  static absl::StatusOr<LateKeys> PutOff(storage::Connection& connection, const std::vector<std::string>& tables);

  // Makes them again, on two connections; largest tables first is fastest. `database` needs an unlimited read_timeout.
  // Errors: those of the statements, e.g. ALREADY_EXISTS if the rows break a unique key.
  absl::Status Make(const storage::DatabaseOptions& database) const;

 private:
  std::vector<std::string> statements_;  // one for each table
};

// Runs the statements, in turn, on two connections with these settings of the session.
absl::Status RunOnTwo(const storage::DatabaseOptions& database, const std::string& settings,
                      const std::vector<std::string>& statements);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_FILL_LATE_KEYS_H_

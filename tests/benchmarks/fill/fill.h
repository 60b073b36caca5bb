// Fills an empty, migrated database with a population (population.h), as fast as the database takes it.
#ifndef LMP_TESTS_BENCHMARKS_FILL_FILL_H_
#define LMP_TESTS_BENCHMARKS_FILL_FILL_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/mysql/connection.h"

namespace lmp::bench {

struct FillOptions {
  int64_t licenses = 1000;  // exactly so many; at least 300, and above kBlockLicenses a multiple of it
  uint64_t seed = 1;
  absl::Time now;  // nothing is newer
};

// Licenses of a block (population.h): as many are made here, the other blocks the database copies from the first.
inline constexpr int64_t kBlockLicenses = 100'000;

struct FillReport {
  int64_t customers = 0;  // of each block
  int blocks = 1;
  int64_t rows = 0;  // of all tables, events included
  int64_t events = 0;
  double seconds = 0;  // statistics of the tables included
  double rate() const { return static_cast<double>(rows) / seconds; }
};

// `database` is a FillDatabase (another is slower, and needs an unlimited read_timeout) on this machine, and nobody
// else uses it. Errors: INVALID_ARGUMENT; FAILED_PRECONDITION if we can't write where the database reads; those of the
// statements.
absl::StatusOr<FillReport> Fill(const storage::DatabaseOptions& database, const FillOptions& options);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_FILL_FILL_H_

// The rest of a large world: the database itself copies the first block of customers with all their rows and events,
// and gives each copy a mark of its own (population.h). Nothing is made, sent or parsed again.
#ifndef LMP_TESTS_BENCHMARKS_FILL_BLOCK_COPY_H_
#define LMP_TESTS_BENCHMARKS_FILL_BLOCK_COPY_H_

#include <cstdint>

#include "absl/status/status.h"
#include "storage/mysql/connection.h"

namespace lmp::bench {

// All customers that there are, and the events from `first_event` on but those of pools, are block 0; makes the blocks
// 1 to `blocks` - 1, on two connections. `database` needs an unlimited read_timeout. Errors: those of the statements.
absl::Status CopyBlocks(const storage::DatabaseOptions& database, int blocks, int64_t first_event);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_FILL_BLOCK_COPY_H_

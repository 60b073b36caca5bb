// How a list finds its rows: which index serves which columns with fixed values and which order. A page is then read
// along an index, and costs the same wherever it lies. Each index of migration 0003 is here, and
// tests/storage/list_plans.txt has the database's own plan for each.
#ifndef LMP_STORAGE_ROWS_ACCESS_PATHS_H_
#define LMP_STORAGE_ROWS_ACCESS_PATHS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace lmp::storage {

// If the `equals` columns have fixed values, the index has the rows in order of `order_by`, and then of the primary
// key.
struct AccessPath {
  std::string index;
  std::vector<std::string> equals;
  std::string order_by;  // empty: the order is that of the primary key alone
};

// The paths of a table; its primary key is always one of them.
const std::vector<AccessPath>& AccessPathsOf(absl::string_view table);

// Returns the path that fixes most of these columns; null if no path has this order.
const AccessPath* ChooseAccessPath(absl::string_view table, const std::vector<std::string>& equals,
                                   absl::string_view order_by);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_ROWS_ACCESS_PATHS_H_

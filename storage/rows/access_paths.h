// How a list finds its rows: which index serves which equal columns and which order, so that a page is read along an
// index and costs the same wherever it lies. Each index of migration 0003 is here, and tests/storage/list_plans.txt has
// the database's own plan for each.
#ifndef LMP_STORAGE_ROWS_ACCESS_PATHS_H_
#define LMP_STORAGE_ROWS_ACCESS_PATHS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace lmp::storage {

// With the `equals` columns fixed, the index has the rows in order of `order_by`, then of the primary key.
struct AccessPath {
  std::string index;
  std::vector<std::string> equals;
  std::string order_by;  // empty: the primary key alone
};

// Of a table; the primary key is always one of them.
const std::vector<AccessPath>& AccessPathsOf(absl::string_view table);

// The one that fixes most of these columns; null if none has this order.
const AccessPath* ChooseAccessPath(absl::string_view table, const std::vector<std::string>& equals,
                                   absl::string_view order_by);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_ROWS_ACCESS_PATHS_H_

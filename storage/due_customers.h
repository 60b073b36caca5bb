// Customers for whom time has something to do that is not stored yet, among those that draw on the same pools.
#ifndef LMP_STORAGE_DUE_CUSTOMERS_H_
#define LMP_STORAGE_DUE_CUSTOMERS_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/model/due.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// Whose: all of these.
struct DueScope {
  std::set<std::string> pools_of;          // partners: what draws on their pools
  std::vector<model::RowKey> pools_to_be;  // (partner, product): what would draw on such a pool
  std::set<std::string> partners;          // all of their customers
  std::set<std::string> products;          // licenses of these, whosever
  std::set<std::string> suites;            // licenses that come from plans on these, whosever
};

// Customers that have such a license due by `today`, or one whose product's life ended by then, with the first that is
// due to each. Mostly there are none. No statement for an empty scope. Errors: those of the connection.
absl::StatusOr<std::set<model::Due>> ListDue(Connection& connection, const DueScope& scope, model::Date today);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_DUE_CUSTOMERS_H_

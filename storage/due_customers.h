// Customers for whom time has something to do that is not stored yet, among those that draw on the same pools.
#ifndef LMP_STORAGE_DUE_CUSTOMERS_H_
#define LMP_STORAGE_DUE_CUSTOMERS_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/connection.h"
#include "storage/model/due.h"
#include "storage/model/world.h"

namespace lmp::storage {

// Customers that have a licence due by `today`, or of a product whose life ended by then, of a product of which its partner,
// one of `partners`, has a pool; or of one of `products` (partner, product; of these partners), pool or not. With each the
// first that is due to it.
// Mostly there are none. Errors: those of the connection.
absl::StatusOr<std::set<model::Due>> ListDueOfPools(Connection& connection, const std::set<std::string>& partners,
                                                    const std::vector<model::RowKey>& products, model::Date today);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_DUE_CUSTOMERS_H_

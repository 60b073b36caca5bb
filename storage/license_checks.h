// The most frequent query: may these customers use these products? It is one statement for any number of pairs.
#ifndef LMP_STORAGE_LICENSE_CHECKS_H_
#define LMP_STORAGE_LICENSE_CHECKS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// The statement; its parameter is PairsToJson() of columns.h. A benchmark sends it directly, for comparison.
const std::string& LicenseChecksSql();

// Adds the licenses of these (customer, product) pairs to the world, with what decides about their state. Loaded are:
// of licenses the keys, units, dates, activation and `closed`; of customers the partner, state and deletion; of
// partners the parent and state; of products the end of life; of subscriptions only those that renew by themselves, and
// only that they do. Customers without such a license are looked up in a second statement. Errors: those of the
// connection.
absl::Status LoadLicenseChecks(Connection& connection, const std::vector<model::RowKey>& checks, model::World& world);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_LICENSE_CHECKS_H_

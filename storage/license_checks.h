// The hot query: may these customers use these products? One statement for any number of them.
#ifndef LMP_STORAGE_LICENSE_CHECKS_H_
#define LMP_STORAGE_LICENSE_CHECKS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// The statement; its parameter is PairsToJson() of columns.h. The benchmark sends it directly, to compare with.
const std::string& LicenseChecksSql();

// Adds the licenses of these (customer, product) pairs to the world, with what decides about their state: of licenses
// the keys, units, dates, activation and `closed`; of customers partner, state and deletion; of partners parent and
// state; of products the end of life; of the subscriptions that renew by themselves, and of no others, that they do.
// Customers that have no such license are looked up in a second statement. Errors: those of the connection.
absl::Status LoadLicenseChecks(Connection& connection, const std::vector<model::RowKey>& checks, model::World& world);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_LICENSE_CHECKS_H_

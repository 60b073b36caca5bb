// The most frequent query: may these customers use these products? It is one statement for any number of pairs.
#ifndef LMP_STORAGE_LICENSE_CHECKS_H_
#define LMP_STORAGE_LICENSE_CHECKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// The most licenses that are read for the checks of one call.
inline constexpr int64_t kMaxLicensesOfChecks = 50'000;

// The statement for licenses that are not closed; its parameter is PairsToJson() of columns.h. A benchmark sends it
// directly, for comparison.
const std::string& LicenseChecksSql();

// Adds the licenses of these (customer, product) pairs to the world, with what decides about their state: those that
// are not closed or, if there is none, the one that tells why, which is the closed one that ends last
// (server/domain/license/license_check.h). The others, whose number only grows, are not read. Loaded are: of licenses
// the keys, units, dates, activation and `closed`; of customers the partner, state and deletion; of partners the parent
// and state; of products the end of life; of subscriptions only those that renew by themselves, and only that they do.
// Pairs without a license that is not closed take a second statement, customers without any a third. If there
// are more than kMaxLicensesOfChecks, one more than that is added, and nothing else. Errors: those of the connection.
absl::Status LoadLicenseChecks(Connection& connection, const std::vector<model::RowKey>& checks, model::World& world);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_LICENSE_CHECKS_H_

// Rows of customers that are asked for by their keys, and what such rows need of others: the same whether a list shows
// them or a read of one. None of it costs more where a customer has much else.
#ifndef LMP_STORAGE_RELATED_ROWS_H_
#define LMP_STORAGE_RELATED_ROWS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// Adds the licenses with these keys (customer, license), as far as there are any; likewise the subscriptions. No keys:
// no statement. Errors: those of the connection.
absl::Status LoadLicenses(Connection& connection, const std::set<model::RowKey>& keys,
                          model::Rows<model::License>& out);
absl::Status LoadSubscriptions(Connection& connection, const std::set<model::RowKey>& keys,
                               model::Rows<model::Subscription>& out);

// Adds the subscriptions of the world's licenses, and the licenses of its subscriptions and scheduled changes. Returns
// the ids of the customers of all of them. Errors: those of the connection.
absl::StatusOr<std::set<std::string>> LoadRelated(Connection& connection, model::World& world);

// The customers of what the footprint names as lone rows.
std::set<std::string> LoneCustomersOf(const model::Footprint& footprint);

// How many rows each of the customers has, its own aside: subscriptions, licenses, scheduled changes. Whoever loads
// several customers whole asks this first, because one may have ten thousand. Errors: those of the connection.
absl::StatusOr<std::map<std::string, int64_t>> CountRowsOfCustomers(Connection& connection,
                                                                    const std::vector<std::string>& ids);

// Adds what the footprint names as lone rows, with what is related to them, and the rows of their customers. Errors:
// those of the connection.
absl::Status LoadLoneRows(Connection& connection, const model::Footprint& footprint, model::World& world);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_RELATED_ROWS_H_

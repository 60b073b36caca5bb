// Finds customers to whom something is due that is not stored yet, among those that draw on the same pools.
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

// Which customers are looked at: all that one of these fields names.
struct DueScope {
  std::set<std::string> pools_of;          // partners: customers that draw on their pools
  std::vector<model::RowKey> pools_to_be;  // (partner, product): customers that would draw on such a pool
  std::set<std::string> partners;          // all customers of these partners
  std::set<std::string> products;          // customers with licenses of these products, whoever their partner is
  std::set<std::string> suites;  // customers with licenses from plans for these suites, whoever their partner is
};

// The customers that have such a license due by `today`, or one whose product's life ended by then, each with the first
// thing that is due to it. Mostly there are none. For an empty scope no statement is sent. Errors: those of the
// connection.
absl::StatusOr<std::set<model::Due>> ListDue(Connection& connection, const DueScope& scope, model::Date today);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_DUE_CUSTOMERS_H_

// A customer that holds as much as it may.
#ifndef LMP_TESTS_BENCHMARKS_FILL_LARGE_CUSTOMER_H_
#define LMP_TESTS_BENCHMARKS_FILL_LARGE_CUSTOMER_H_

#include <string>

#include "absl/status/status.h"
#include "storage/mysql/connection.h"

namespace lmp::bench {

// The id of the number-th of the products that large customers hold, of which there are kLargeCustomerProducts.
inline constexpr int kLargeCustomerProducts = 100;
std::string LargeCustomerProduct(int number);

// Makes these products, of which a customer may have any number of licenses, and a plan for each. Once, after
// CreateCatalog.
absl::Status CreateLargeCustomerCatalog(storage::Connection& connection);

// Gives the customer so many licenses, each with a subscription of its own that renews in a year, spread over the first
// `products` of these products.
absl::Status GiveLicenses(storage::Connection& connection, const std::string& customer_id, int licenses, int products);

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_FILL_LARGE_CUSTOMER_H_

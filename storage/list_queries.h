// What lists read besides their pages of rows (row_page.h), and lists for the server's own use.
#ifndef LMP_STORAGE_LIST_QUERIES_H_
#define LMP_STORAGE_LIST_QUERIES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/catalog_cache.h"
#include "storage/model/world.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// Adds what the computed fields of the world's rows depend on: the subscriptions of licenses; the licenses of
// subscriptions and scheduled changes; and the customers, partners, products and plans of all of them. Run it in the
// snapshot in which the rows were read. Errors: those of the connection.
absl::Status LoadAround(Connection& connection, CatalogCache& cache, model::World& world);

// The secret that authenticates page tokens; all servers of the database have the same. Errors: those of the
// connection.
absl::StatusOr<std::string> LoadPageTokenSecret(Connection& connection);

// True if dates may be shown that differ from the stored ones: something is due that is not stored yet, or a product's
// end of life, which is still to come, is shown instead of later dates. Errors: those of the connection.
absl::StatusOr<bool> AnyDateStale(Connection& connection, model::Date today);

// The number of ACTIVE subscriptions of the plan whose keys come after this one; counting ends at kMaxRemaining.
inline constexpr int kMaxRemaining = 10'000;
absl::StatusOr<int> CountSubscriptions(Connection& connection, const std::string& service_plan_id,
                                       const model::RowKey& after);

// Tokens of these customers that expire after `now`, with their licenses, and with what the states of the licenses
// depend on. Errors: those of the connection.
struct LicenseTokenOptions {
  std::vector<std::string> customers;  // some hundreds at most
  model::RowKey after;                 // the last key of the previous page; {"", ""}: the first page
  int limit = 1000;
};
struct LicenseTokenPage {
  model::World world;
  model::RowKey last;
  bool more = false;  // there are tokens after these
};
absl::StatusOr<LicenseTokenPage> ListLicenseTokens(Connection& connection, const LicenseTokenOptions& options,
                                                   absl::Time now, CatalogCache& cache);

// The customers of this very partner, from the id `from` on, in order; deleted ones too. Errors: those of the
// connection.
absl::StatusOr<model::Rows<model::Customer>> ListCustomersOf(Connection& connection, const std::string& partner_id,
                                                             const std::string& from, int limit);

// One customer's row with its partner, and no other rows of the customer. Errors: those of the connection.
absl::StatusOr<model::World> LoadCustomerRow(Connection& connection, const std::string& customer_id,
                                             CatalogCache& cache);

// The customer with all its rows, and all plans of its partner, for the drop-down of the assignment form. It is not a
// page, because a partner has only tens of plans. Errors: those of the connection.
absl::StatusOr<model::World> LoadPlansForCustomer(Connection& connection, const std::string& customer_id,
                                                  CatalogCache& cache);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_LIST_QUERIES_H_

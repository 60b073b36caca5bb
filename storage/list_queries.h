// What lists read beside their pages of rows (row_page.h), and lists of an inner use.
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

// Adds what the computed fields of the world's rows depend on: of licenses their subscriptions, of subscriptions and
// scheduled changes their licenses, of all of them customers, partners, products and plans. Run it in the snapshot that
// the rows are of. Errors: those of the connection.
absl::Status LoadAround(Connection& connection, CatalogCache& cache, model::World& world);

// What page tokens are authenticated with, the same for all servers of the database. Errors: those of the connection.
absl::StatusOr<std::string> LoadPageTokenSecret(Connection& connection);

// Whether dates may be shown that are not those stored: time has something to do that is not stored yet, or the end of
// some product's life, which is to come, is shown instead of later dates. Errors: those of the connection.
absl::StatusOr<bool> AnyDateStale(Connection& connection, model::Date today);

// How many ACTIVE subscriptions of the plan come after this key.
absl::StatusOr<int> CountSubscriptions(Connection& connection, const std::string& service_plan_id,
                                       const model::RowKey& after);

// Tokens that expire after `now`: those of the customer, or of all customers of the partner (not of the partners below
// it), with their licenses, and with what the states of these depend on. Errors: those of the connection.
struct LicenseTokenOptions {
  std::string customer_id;  // one of these
  std::string partner_id;
  model::RowKey after;  // the last key of the page before; {"", ""}: the first page
  int limit = 1000;
};
struct LicenseTokenPage {
  model::World world;
  model::RowKey last;
  bool more = false;  // there are tokens after these
};
absl::StatusOr<LicenseTokenPage> ListLicenseTokens(Connection& connection, const LicenseTokenOptions& options,
                                                   absl::Time now, CatalogCache& cache);

// Customers after this id, in order, that have something due by `today`: a license whose due date came, or whose
// product's life ended. Errors: those of the connection.
absl::StatusOr<std::vector<std::string>> ListDueCustomers(Connection& connection, model::Date today,
                                                          const std::string& after, int limit);

// Customers of this very partner from the id `from` on, in order; deleted ones too. Errors: those of the connection.
absl::StatusOr<model::Rows<model::Customer>> ListCustomersOf(Connection& connection, const std::string& partner_id,
                                                             const std::string& from, int limit);

// One customer's row with its partner, and nothing else of it. Errors: those of the connection.
absl::StatusOr<model::World> LoadCustomerRow(Connection& connection, const std::string& customer_id,
                                             CatalogCache& cache);

// The customer's aggregate with all plans of its partner: the drop-down. Not a page: a partner has tens.
// Errors: those of the connection.
absl::StatusOr<model::World> LoadPlansForCustomer(Connection& connection, const std::string& customer_id,
                                                  CatalogCache& cache);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_LIST_QUERIES_H_

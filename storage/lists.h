// Pages of rows in order of their key. Keyset pagination only: any page costs what the first costs.
#ifndef LMP_STORAGE_LISTS_H_
#define LMP_STORAGE_LISTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/catalogue_cache.h"
#include "storage/connection.h"
#include "storage/model/world.h"

namespace lmp::storage {

struct PageOptions {
  model::RowKey after;      // the last key of the page before; {"", ""}: the first page
  int limit = 50;
  std::string parent_id;    // only this customer's (subscriptions, licences) or partner's (pools); empty: all
  std::string partner_id;   // only what this partner and those below it may see; empty: all
  bool show_deleted = false;  // customers only
};

struct Page {
  std::vector<model::RowKey> keys;  // in order
  bool more = false;                // there are rows after these
  model::World world;               // the rows, with the owners that their computed fields depend on
};

// Errors: those of the connection. Run them in a snapshot.
absl::StatusOr<Page> ListPartners(Connection& connection, const PageOptions& options);
absl::StatusOr<Page> ListCustomers(Connection& connection, const PageOptions& options, CatalogueCache& cache);
absl::StatusOr<Page> ListProducts(Connection& connection, const PageOptions& options);
absl::StatusOr<Page> ListServicePlans(Connection& connection, const PageOptions& options, CatalogueCache& cache);
absl::StatusOr<Page> ListSubscriptions(Connection& connection, const PageOptions& options, CatalogueCache& cache);
absl::StatusOr<Page> ListLicenses(Connection& connection, const PageOptions& options, CatalogueCache& cache);

absl::StatusOr<Page> ListLicensePools(Connection& connection, const PageOptions& options);

// All scheduled changes of a customer, also those that no longer wait, with the customer's row and its subscriptions and
// licences. Errors: those of the connection.
absl::StatusOr<model::World> LoadScheduledChanges(Connection& connection, const std::string& customer_id,
                                                  CatalogueCache& cache);

// Customers after this id, in order, that have something due by `today`: a licence whose due date came, or whose product's
// life ended. Errors: those of the connection.
absl::StatusOr<std::vector<std::string>> ListDueCustomers(Connection& connection, model::Date today,
                                                          const std::string& after, int limit);

// One customer's row with its partner, and nothing else of it. Errors: those of the connection.
absl::StatusOr<model::World> LoadCustomerRow(Connection& connection, const std::string& customer_id,
                                             CatalogueCache& cache);

// All plans of the customer's partner, with the customer's aggregate: the drop-down. Not a page: a partner has tens.
absl::StatusOr<Page> ListPlansForCustomer(Connection& connection, const std::string& customer_id, CatalogueCache& cache);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_LISTS_H_

// Pages of rows in order of their key. Keyset pagination only: any page costs what the first costs.
#ifndef LMP_STORAGE_LISTS_H_
#define LMP_STORAGE_LISTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
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
  std::string service_plan_id;  // subscriptions that are ACTIVE, and keys: only those of this plan; empty: of any
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
absl::StatusOr<Page> ListRegistrationKeys(Connection& connection, const PageOptions& options, CatalogueCache& cache);

// How many ACTIVE subscriptions of the plan come after this key.
absl::StatusOr<int> CountSubscriptions(Connection& connection, const std::string& service_plan_id,
                                       const model::RowKey& after);

// Tokens that expire after `now`: those of the customer `parent_id`, or of all customers of the partner `partner_id` (not of
// the partners below it), with their licences, and with what the states of these depend on.
absl::StatusOr<Page> ListLicenseTokens(Connection& connection, const PageOptions& options, absl::Time now,
                                       CatalogueCache& cache);

// All scheduled changes of a customer, also those that no longer wait, with the customer's row and its subscriptions and
// licences. Errors: those of the connection.
absl::StatusOr<model::World> LoadScheduledChanges(Connection& connection, const std::string& customer_id,
                                                  CatalogueCache& cache);

// Customers after this id, in order, that have something due by `today`: a licence whose due date came, or whose product's
// life ended. Errors: those of the connection.
absl::StatusOr<std::vector<std::string>> ListDueCustomers(Connection& connection, model::Date today,
                                                          const std::string& after, int limit);

// Customers of this very partner from the id `from` on, in order; deleted ones too. Errors: those of the connection.
absl::StatusOr<model::Rows<model::Customer>> ListCustomersOf(Connection& connection, const std::string& partner_id,
                                                             const std::string& from, int limit);

// One customer's row with its partner, and nothing else of it. Errors: those of the connection.
absl::StatusOr<model::World> LoadCustomerRow(Connection& connection, const std::string& customer_id,
                                             CatalogueCache& cache);

// All plans of the customer's partner, with the customer's aggregate: the drop-down. Not a page: a partner has tens.
absl::StatusOr<Page> ListPlansForCustomer(Connection& connection, const std::string& customer_id, CatalogueCache& cache);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_LISTS_H_

// Finds customers to whom something is due that is not stored yet: among those that draw on the same pools, for who
// must wait for them, or all, for the time worker.
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

struct CustomerPage {
  std::vector<std::string> customers;
  std::string last;  // the next page is of those after this; empty: there is none
};

// A page of the customers to whom something is due by `today`: a license's due date has come, or its product's life has
// ended. `after` is empty or the last page's `last`. Each once on a page, which has no more than `limit`, and maybe
// none; a customer to whom several things are due may come on several. A page reads no more rows than it must, however
// much else is due. Errors: those of the connection.
absl::StatusOr<CustomerPage> ListDueCustomers(Connection& connection, model::Date today, const std::string& after,
                                              size_t limit);

// Among the next `many` customers after this id those, in order, with licenses whose due_date may be later than it
// should be: a server of a version that told nothing of coming ends has set it, or the end of the product's life was
// declared after it was set. Reads all their licenses that are not closed, and finds some too many. Errors: those of
// the connection.
absl::StatusOr<CustomerPage> ListDoubtfulCustomers(Connection& connection, const std::string& after, int many);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_DUE_CUSTOMERS_H_

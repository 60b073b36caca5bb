// What the lists and reads of a customer's rows share.
#ifndef LMP_SERVER_RPCS_OF_CUSTOMER_H_
#define LMP_SERVER_RPCS_OF_CUSTOMER_H_

#include <optional>
#include <string>

#include "server/rpcs/list.h"
#include "server/wire/fields.h"

namespace lmp::rpcs {

// Selects the rows of one customer, or of all customers if the id is empty. A parent that does not exist is an error
// and not an empty page. What reads much of a customer asks this first: how long it takes is not to tell that there is
// such a customer of somebody else.
absl::StatusOr<Selection> OfCustomer(const Reading& reading, const std::string& customer_id,
                                     std::optional<absl::Time> read_time);

// The `select` of a Listing whose requests have a customer as parent.
template <class Request>
absl::Status CheckCustomer(const Request& request) {
  wire::Fields fields;
  fields.ParentOrAll("parent", request.parent(), "customers");
  return fields.status();
}
template <class Request>
absl::StatusOr<Selection> SelectOfCustomer(const Reading& reading, const Request& request,
                                           std::optional<absl::Time> read_time) {
  wire::Fields checked;
  return OfCustomer(reading, checked.ParentOrAll("parent", request.parent(), "customers"), read_time);
}

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_OF_CUSTOMER_H_

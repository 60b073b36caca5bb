#ifndef LMP_NAMES_H_
#define LMP_NAMES_H_

#include <string>

#include "absl/strings/string_view.h"

namespace lmp::client {

// Returns the full resource name for a short one: the ids, separated by "/", replace the "*" in `pattern`.
//   FullName("customers/*", "acme")                     "customers/acme"
//   FullName("customers/*/licenses/*", "acme/01h8")     "customers/acme/licenses/01h8"
// A text that is a full name already, or does not fit, is returned as it is; the server then judges it.
std::string FullName(absl::string_view pattern, absl::string_view text);

// In a list, CustomerName("-") stands for all customers.
inline std::string CustomerName(absl::string_view customer) { return FullName("customers/*", customer); }
inline std::string PartnerName(absl::string_view partner) { return FullName("partners/*", partner); }
inline std::string ProductName(absl::string_view product) { return FullName("products/*", product); }
inline std::string ServicePlanName(absl::string_view plan) { return FullName("servicePlans/*", plan); }

}  // namespace lmp::client

#endif  // LMP_NAMES_H_

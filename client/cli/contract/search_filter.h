#ifndef LMP_CLIENT_CLI_CONTRACT_SEARCH_FILTER_H_
#define LMP_CLIENT_CLI_CONTRACT_SEARCH_FILTER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace lmp::cli {

// A filter (proto/filters.md) for the customers that have the text in their name, city, external id or contact, or
// whose id begins with it. Because the server distinguishes upper and lower case, the filter looks for the text as
// typed, in lower case, in upper case, and with a capital first.
std::string CustomersLike(absl::string_view text);

// A filter for what expires from `today` on within `span` ("30d", "4w" or "3m") and was not canceled. Errors:
// INVALID_ARGUMENT.
absl::StatusOr<std::string> ExpiresIn(absl::string_view span, absl::CivilDay today);

// A filter that demands both filters; an empty one lets everything through.
std::string BothFilters(const std::string& one, const std::string& other);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_SEARCH_FILTER_H_

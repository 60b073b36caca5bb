#ifndef LMP_CLIENT_CLI_CONTRACT_NUMBER_H_
#define LMP_CLIENT_CLI_CONTRACT_NUMBER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lmp::cli {

// Reads a whole number as every flag and question takes it: digits and nothing else. "+10" and "-5" are
// INVALID_ARGUMENT like any other text, but with a message of their own: a person who types "+10" means "10 more", but
// would set a license to 10.
absl::StatusOr<int32_t> ParseNumber(absl::string_view text);
// The same for the places of events, which may be beyond 2^31.
absl::StatusOr<int64_t> ParseLongNumber(absl::string_view text);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_NUMBER_H_

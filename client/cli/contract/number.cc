#include "client/cli/contract/number.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace lmp::cli {

namespace {

template <class Number>
absl::StatusOr<Number> Parse(absl::string_view text) {
  Number number = 0;
  if (!text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit) && absl::SimpleAtoi(text, &number)) {
    return number;
  }
  if (absl::StartsWith(text, "+") || absl::StartsWith(text, "-")) {
    return absl::InvalidArgumentError("give the number itself, without a sign");
  }
  return absl::InvalidArgumentError("must be a whole number");
}

}  // namespace

absl::StatusOr<int32_t> ParseNumber(absl::string_view text) { return Parse<int32_t>(text); }

absl::StatusOr<int64_t> ParseLongNumber(absl::string_view text) { return Parse<int64_t>(text); }

}  // namespace lmp::cli

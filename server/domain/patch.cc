#include "server/domain/patch.h"

#include <algorithm>

namespace lmp::domain {

void FieldChecks::Text(absl::string_view field, absl::string_view value, int min, int max, Lines lines) {
  if (min > 0 && value.empty()) {
    violations_.push_back({std::string(field), "is required"});
  } else if (const int count = CharactersIn(value); count < min || count > max) {
    violations_.push_back({std::string(field), absl::StrCat("must have ", min, " to ", max, " characters")});
  } else if (std::string fault = TextFault(value, lines); !fault.empty()) {
    violations_.push_back({std::string(field), std::move(fault)});
  }
}

void FieldChecks::Range(absl::string_view field, int value, int min, int max) {
  if (value < min || value > max) {
    violations_.push_back({std::string(field), absl::StrCat("must be ", min, " to ", max)});
  }
}

void FieldChecks::Require(bool holds, absl::string_view field, absl::string_view otherwise) {
  if (!holds) violations_.push_back({std::string(field), std::string(otherwise)});
}

}  // namespace lmp::domain

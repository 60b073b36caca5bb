#include "server/domain/patch.h"

namespace lmp::domain {
namespace {

// Code points of valid UTF-8 (the wire has checked that).
int Characters(absl::string_view text) {
  int count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

bool HasControlCharacter(absl::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F) return true;
  }
  return false;
}

}  // namespace

void FieldChecks::Text(absl::string_view field, absl::string_view value, int min, int max) {
  if (min > 0 && value.empty()) {
    violations_.push_back({std::string(field), "is required"});
  } else if (const int count = Characters(value); count < min || count > max) {
    violations_.push_back({std::string(field), absl::StrCat("must have ", min, " to ", max, " characters")});
  } else if (HasControlCharacter(value)) {
    violations_.push_back({std::string(field), "must not have control characters"});
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

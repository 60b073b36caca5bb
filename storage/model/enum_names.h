// Names of enum values as the database, the events and the protos spell them: one table for each enum.
#ifndef LMP_STORAGE_MODEL_ENUM_NAMES_H_
#define LMP_STORAGE_MODEL_ENUM_NAMES_H_

#include <cstddef>
#include <iterator>
#include <optional>

#include "absl/strings/string_view.h"

namespace lmp::model {

// It is specialized beside each enum: `static constexpr absl::string_view kNames[]`, indexed by value; the value 0 is
// never stored.
template <class Enum>
struct EnumNames;

template <class Enum>
constexpr absl::string_view NameOf(Enum value) {
  const auto index = static_cast<std::size_t>(value);
  return index < std::size(EnumNames<Enum>::kNames) ? EnumNames<Enum>::kNames[index] : absl::string_view("?");
}

template <class Enum>
constexpr std::optional<Enum> ParseEnum(absl::string_view name) {
  for (std::size_t i = 0; i < std::size(EnumNames<Enum>::kNames); ++i) {
    if (EnumNames<Enum>::kNames[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_ENUM_NAMES_H_

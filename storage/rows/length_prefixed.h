// Fields one after the other as bytes, so that no two lists of fields are the same bytes.
#ifndef LMP_STORAGE_ROWS_LENGTH_PREFIXED_H_
#define LMP_STORAGE_ROWS_LENGTH_PREFIXED_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace lmp::storage {

// Eight bytes, the largest first.
inline void AppendLength(std::string& out, uint64_t length) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>((length >> shift) & 0xff));
}

inline void AppendField(std::string& out, absl::string_view bytes) {
  AppendLength(out, bytes.size());
  absl::StrAppend(&out, bytes);
}

// What is NULL has the length 2^64 - 1 and no bytes.
inline void AppendNullable(std::string& out, const std::optional<std::string>& text) {
  if (text.has_value()) return AppendField(out, *text);
  AppendLength(out, ~uint64_t{0});
}

}  // namespace lmp::storage

#endif  // LMP_STORAGE_ROWS_LENGTH_PREFIXED_H_

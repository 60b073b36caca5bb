// Field-wise updates: the fields an update mask names, copied from one row to another.
#ifndef LMP_SERVER_DOMAIN_PATCH_H_
#define LMP_SERVER_DOMAIN_PATCH_H_

#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/refusal.h"

namespace lmp::domain {

// A row as the caller wants it, and which of its columns are meant.
template <class Row>
struct Patch {
  Row values;
  std::set<std::string> columns;
};

template <class Row>
void ApplyPatch(const Patch<Row>& patch, Row& row) {
  // Both rows have the same fields in the same order: walk them side by side.
  std::vector<const void*> sources;
  Row::Visit(patch.values, [&](absl::string_view, const auto& value) { sources.push_back(&value); });
  size_t index = 0;
  Row::Visit(row, [&](absl::string_view name, auto& value) {
    const void* source = sources[index++];
    if (patch.columns.contains(std::string(name))) value = *static_cast<const std::decay_t<decltype(value)>*>(source);
  });
}

// Collects what is wrong with fields, with the limits spelled out.
class FieldChecks {
 public:
  // Characters, not bytes: `min` to `max` code points of valid UTF-8 without control characters.
  void Text(absl::string_view field, absl::string_view value, int min, int max);
  void Range(absl::string_view field, int value, int min, int max);
  void Require(bool holds, absl::string_view field, absl::string_view otherwise);
  std::vector<FieldViolation> Take() { return std::move(violations_); }

 private:
  std::vector<FieldViolation> violations_;
};

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_PATCH_H_

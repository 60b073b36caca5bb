// Updates by field: copies the fields that an update mask names from one row to another.
#ifndef LMP_SERVER_DOMAIN_PATCH_H_
#define LMP_SERVER_DOMAIN_PATCH_H_

#include <algorithm>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/refusal.h"
#include "server/domain/text.h"

namespace lmp::domain {

// A row as the caller wants it, and the columns of it that the caller means.
template <class Row>
struct Patch {
  Row values;
  std::set<std::string> columns;
};

template <class Row>
void ApplyPatch(const Patch<Row>& patch, Row& row) {
  // Both rows have the same fields in the same order, so they are walked side by side.
  std::vector<const void*> sources;
  Row::Visit(patch.values, [&](absl::string_view, const auto& value) { sources.push_back(&value); });
  size_t index = 0;
  Row::Visit(row, [&](absl::string_view name, auto& value) {
    const void* source = sources[index++];
    if (patch.columns.contains(std::string(name))) value = *static_cast<const std::decay_t<decltype(value)>*>(source);
  });
}

// The columns in which two rows differ.
template <class Row>
std::set<std::string> DifferingColumns(const Row& before, const Row& after) {
  std::set<std::string> columns;
  std::vector<const void*> others;
  Row::Visit(before, [&](absl::string_view, const auto& value) { others.push_back(&value); });
  size_t index = 0;
  Row::Visit(after, [&](absl::string_view name, const auto& value) {
    if (!(value == *static_cast<const std::decay_t<decltype(value)>*>(others[index++])))
      columns.insert(std::string(name));
  });
  return columns;
}

// Returns, of what is wrong with a row after a change, only what the change brought. A value that is sent as it is
// already is no change, and nobody is refused for a stored value that would be refused today. [ours]
template <class Row>
std::vector<FieldViolation> Brought(const Row& before, const Row& after,
                                    std::vector<FieldViolation> (*violations)(const Row&)) {
  const std::set<std::string> columns = DifferingColumns(before, after);
  const std::vector<FieldViolation> had = violations(before);
  std::vector<FieldViolation> brought = violations(after);
  std::erase_if(brought, [&](const FieldViolation& violation) {
    std::string column = violation.field.substr(0, violation.field.find('['));
    std::replace(column.begin(), column.end(), '.', '_');
    return !columns.contains(column) && std::find(had.begin(), had.end(), violation) != had.end();
  });
  return brought;
}

// Collects what is wrong with fields, and spells the limits out.
class FieldChecks {
 public:
  // Checks for `min` to `max` characters (code points of valid UTF-8, not bytes), in which TextFault (text.h) finds
  // nothing wrong.
  void Text(absl::string_view field, absl::string_view value, int min, int max, Lines lines = Lines::kOne);
  void Range(absl::string_view field, int value, int min, int max);
  void Require(bool holds, absl::string_view field, absl::string_view otherwise);
  std::vector<FieldViolation> Take() { return std::move(violations_); }

 private:
  std::vector<FieldViolation> violations_;
};

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_PATCH_H_

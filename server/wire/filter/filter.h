// Filters of list requests: https://google.aip.dev/160, typed by the listed resource. proto/filters.md is for users.
#ifndef LMP_SERVER_WIRE_FILTER_FILTER_H_
#define LMP_SERVER_WIRE_FILTER_FILTER_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace lmp::wire {

inline constexpr size_t kMaxFilterBytes = 4096;
inline constexpr int kMaxFilterComparisons = 50;
inline constexpr int kMaxFilterDepth = 20;  // how deep parentheses and NOTs may be nested

// One node of a parsed filter.
struct FilterNode {
  enum class Kind { kAnd, kOr, kNot, kCompare };
  // kNe is the negation of kEq in every respect: it also matches a field that is unset, and a list without an equal
  // element.
  // kHas is `field:*` (is set), `map:key` (has the key), `list:value` (has the element; strings, enums, …) and
  // `text:part` (contains the text). Where ":" means "is equal", the node has kEq: licenses.product:products/x,
  // annotations.color:red.
  enum class Op { kEq, kNe, kLt, kLe, kGt, kGe, kHas };
  // The literal, in the type of the field: the name of an enum value, the key for a map. monostate stands for "*", only
  // with kHas; int64_t for any whole number; double also for float.
  using Value = std::variant<std::monostate, std::string, int64_t, double, bool, absl::CivilDay, absl::Time>;

  Kind kind = Kind::kCompare;
  std::vector<FilterNode> children;  // kAnd, kOr: 2 or more, none of the node's own kind; kNot: 1
  // The following fields are for kCompare.
  std::string field;  // names of `path`: "state", "contact.email", "annotations"
  std::vector<const google::protobuf::FieldDescriptor*> path;  // at least one; messages in it may be repeated
  std::optional<std::string> map_key;                          // key in a map field, as in annotations.color = "red"
  Op op = Op::kEq;
  Value value;
  // For strings with kEq or kNe: "acme*" is a prefix, "*gmbh" a suffix, with both stars the text is contained. `value`
  // is without the stars.
  bool prefix = false;
  bool suffix = false;
};

class Filter {
 public:
  Filter() = default;  // a filter that matches everything

  // Errors: INVALID_ARGUMENT, INVALID_FIELDS with the field "filter". The error names the first mistake and its place
  // in characters, counted from 1: `position 9: there is no field "color"; fields: name, partner, …`.
  static absl::StatusOr<Filter> Parse(const google::protobuf::Descriptor& resource, absl::string_view text);

  // `resource` is rendered, and of the type that the filter was parsed for. What is unset (a message, a date, an
  // instant, an optional field, a key of a map, or anything in an unset message) matches no comparison but !=.
  bool Matches(const google::protobuf::Message& resource) const;

  bool empty() const { return !root_.has_value(); }
  // Null if the filter is empty.
  const FilterNode* root() const { return root_.has_value() ? &*root_ : nullptr; }

 private:
  std::optional<FilterNode> root_;
};

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_FILTER_FILTER_H_

// Filters of list requests: https://google.aip.dev/160, typed by the listed resource. For users: proto/filters.md.
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
inline constexpr int kMaxFilterDepth = 20;  // parentheses and NOTs inside each other

// One node of a parsed filter.
struct FilterNode {
  enum class Kind { kAnd, kOr, kNot, kCompare };
  // kNe: the negation of kEq in every respect; it matches what is unset, too, and a list without an equal element.
  // kHas: `field:*` (is set), `map:key` (has the key), `list:value` (has the element; strings, enums, …), `text:part`
  // (contains the text). Where ":" means "is equal", it is kEq: licenses.product:products/x, annotations.color:red.
  enum class Op { kEq, kNe, kLt, kLe, kGt, kGe, kHas };
  // The literal, in the type of the field; a name for an enum; a key for a map. monostate: "*", with kHas only.
  // int64_t: any whole number; double: float, too.
  using Value = std::variant<std::monostate, std::string, int64_t, double, bool, absl::CivilDay, absl::Time>;

  Kind kind = Kind::kCompare;
  std::vector<FilterNode> children;  // kAnd, kOr: 2 or more, none of them of the same kind; kNot: 1
  // The rest is for kCompare.
  std::string field;  // names of `path`: "state", "contact.email", "annotations"
  std::vector<const google::protobuf::FieldDescriptor*> path;  // 1 or more; messages in it may be repeated
  std::optional<std::string> map_key;                          // of a map field: annotations.color = "red"
  Op op = Op::kEq;
  Value value;
  // Strings with kEq or kNe: "acme*" is a prefix, "*gmbh" a suffix, both: contains. `value` is without the stars.
  bool prefix = false;
  bool suffix = false;
};

class Filter {
 public:
  Filter() = default;  // matches everything

  // Errors: INVALID_ARGUMENT, INVALID_FIELDS with the field "filter": what is wrong first, and where, in characters
  // from 1: `position 9: there is no field "color"; fields: name, partner, …`.
  static absl::StatusOr<Filter> Parse(const google::protobuf::Descriptor& resource, absl::string_view text);

  // `resource` as it is rendered, of the type it was parsed for. What is unset (a message, a date, an instant, an
  // optional field, a key of a map, or anything in an unset message) matches no comparison but !=.
  bool Matches(const google::protobuf::Message& resource) const;

  bool empty() const { return !root_.has_value(); }
  // Null if empty.
  const FilterNode* root() const { return root_.has_value() ? &*root_ : nullptr; }

 private:
  std::optional<FilterNode> root_;
};

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_FILTER_FILTER_H_

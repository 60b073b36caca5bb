// Reads a request field by field, and collects everything that is wrong with it.
#ifndef LMP_SERVER_WIRE_FIELDS_H_
#define LMP_SERVER_WIRE_FIELDS_H_

#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/type/date.pb.h"
#include "server/domain/refusal.h"
#include "storage/model/row.h"

namespace lmp::wire {

class Fields {
 public:
  void Fail(absl::string_view field, absl::string_view description);
  void Fail(std::vector<domain::FieldViolation> violations, absl::string_view prefix);

  // "customers/acme" with collection "customers" → "acme". A malformed name fails and gives "".
  std::string Name(absl::string_view field, const std::string& value, absl::string_view collection);
  // The same, but empty is allowed and gives "".
  std::string OptionalName(absl::string_view field, const std::string& value, absl::string_view collection);
  // "customers/acme/licenses/l1" → {"acme", "l1"}.
  model::RowKey ChildName(absl::string_view field, const std::string& value, absl::string_view collection,
                          absl::string_view child_collection);
  // A parent; "customers/-" is allowed and gives "".
  std::string ParentOrAll(absl::string_view field, const std::string& value, absl::string_view collection);
  // A child name. Its last part may be "-", which gives {"acme", ""}; or both parts may, which gives {"", ""}.
  model::RowKey ChildOrAll(absl::string_view field, const std::string& value, absl::string_view collection,
                           absl::string_view child_collection);
  // Checks an id that the caller chooses: [a-z][a-z0-9-]{2,61}[a-z0-9], or empty.
  void ChosenId(absl::string_view field, const std::string& value);
  // A whole date. The caller of this function checks whether the request has the date.
  std::optional<model::Date> Date(absl::string_view field, const google::type::Date& date);
  // In microseconds, as the database keeps instants. Fails the field if it is none of the years 1 to 9999.
  std::optional<absl::Time> Instant(absl::string_view field, const google::protobuf::Timestamp& time);
  // A duration of 0 s to `longest`; any other fails and gives 0.
  absl::Duration Duration(absl::string_view field, const google::protobuf::Duration& duration, absl::Duration longest);
  // A value of a proto enum that we know; the unspecified value only if it is allowed.
  template <class Model, class Proto>
  Model Enum(absl::string_view field, Proto value, bool known) {
    if (!known) Fail(field, "is not a known value");
    return known ? static_cast<Model>(value) : Model{};
  }

  // The columns that an update mask names. Its paths are those of `resource`; a column is a path with "_" for ".". An
  // empty mask means every updatable field that is set, "*" means all. Any other path that is not updatable fails.
  std::set<std::string> Mask(const google::protobuf::FieldMask& mask, const google::protobuf::Message& resource,
                             const std::vector<absl::string_view>& updatable);

  // OK, or INVALID_ARGUMENT with the violations and the number of those that are not listed.
  absl::Status status() { return domain::InvalidFields(violations_, "", more_); }

 private:
  std::vector<domain::FieldViolation> violations_;  // the first domain::kMaxViolations
  size_t more_ = 0;
};

// For a request that is nothing but a name: returns its id or ids, or INVALID_ARGUMENT.
absl::StatusOr<std::string> ParseName(absl::string_view field, const std::string& value, absl::string_view collection);
absl::StatusOr<model::RowKey> ParseChildName(absl::string_view field, const std::string& value,
                                             absl::string_view collection, absl::string_view child_collection);

// Joins two statuses, each of which is OK or INVALID_ARGUMENT with its fields: the caller is told all violations at
// once.
absl::Status BothInvalid(const absl::Status& one, const absl::Status& other);

// The paths of a request's strings that are not valid UTF-8. Protobuf refuses such a request without saying which.
std::vector<std::string> InvalidUtf8Fields(const google::protobuf::Descriptor& type, const std::string& bytes);

bool IsUtf8(absl::string_view text);
// The first `count` characters (code points) of valid UTF-8.
std::string FirstCharacters(absl::string_view text, size_t count);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_FIELDS_H_

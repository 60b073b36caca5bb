#ifndef LMP_CLIENT_CLI_CONTRACT_FIELD_VALUE_H_
#define LMP_CLIENT_CLI_CONTRACT_FIELD_VALUE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/type/date.pb.h"

namespace lmp::cli {

// True if the message is written as one value: a date, an instant, a duration or a field mask.
bool IsValue(const google::protobuf::Descriptor& type);
// What help texts show for the value of such a field: "DATE", "MONTH", "TIME", "FIELDS", "DURATION".
std::string ValueTypeName(const google::protobuf::FieldDescriptor& field);
// Reads the value of such a field: "2026-11-24"; "2026-11"; "2026-11-24T05:16:00Z", or a day for its midnight in UTC;
// "name,state"; "5s". Errors: INVALID_ARGUMENT, which says how the value is written.
absl::Status ParseValue(const google::protobuf::FieldDescriptor& field, const std::string& text,
                        google::protobuf::Message& value);

// Returns "2026-11-24"; "2026-11" for a month; empty for an unset date.
std::string DateText(const google::type::Date& date);
// Reads a day or a month as DateText writes it. Errors: INVALID_ARGUMENT for anything else, and for days that do not
// exist.
absl::StatusOr<google::type::Date> ParseDate(absl::string_view text);
absl::StatusOr<google::type::Date> ParseMonth(absl::string_view text);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_FIELD_VALUE_H_

#ifndef CLIENT_CLI_FIELD_TEXT_H_
#define CLIENT_CLI_FIELD_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/type/date.pb.h"

namespace lmp::cli {

// Whether the message is written as one value: a date, an instant, or a field mask.
bool IsValue(const google::protobuf::Descriptor& type);
// What a person writes for it: "DATE", "TIME", "FIELDS".
std::string ValueTypeName(const google::protobuf::Descriptor& type);
// Reads one: "2026-11-24"; "2026-11-24T05:16:00Z", or a date for its midnight in UTC; "name,state". INVALID_ARGUMENT.
absl::Status ParseValue(const std::string& text, google::protobuf::Message& value);

// One field for a person: enum names, "2026-11-24", "2026-11-24T05:16:00Z", "yes"/"no", lists with commas; the count of
// a list of messages. Empty for what is not set.
std::string FieldText(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field);

// The same for a path, "contact.given_name". The path must exist.
std::string PathText(const google::protobuf::Message& message, absl::string_view path);

// "2026-11-24"; empty for an unset date.
std::string DateText(const google::type::Date& date);

// A date as DateText writes it; INVALID_ARGUMENT for anything else, and for days that do not exist.
absl::StatusOr<google::type::Date> ParseDate(absl::string_view text);

// Protobuf JSON of a field, as in lmp.v1.FieldChange, for a person.
std::string JsonValueText(const std::string& json);

}  // namespace lmp::cli

#endif  // CLIENT_CLI_FIELD_TEXT_H_

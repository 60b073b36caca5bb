#ifndef LMP_CLIENT_CLI_OUTPUT_FIELD_TEXT_H_
#define LMP_CLIENT_CLI_OUTPUT_FIELD_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// One field in text for a person: enum names, "2026-11-24", "2026-11-24T05:16:00Z", "yes"/"no", numbers (also 0); lists
// with commas, and lists of pairs as "cloud-app-security=25". Empty for a field that is not set. Where the contract
// leaves it to the reader to combine fields, they are combined here: a deleted customer is DELETED, an ended
// subscription does not renew.
std::string FieldText(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field);

// The same for a path, "contact.given_name". If the path leads through a list, the text has the field of each item. The
// path must exist.
std::string PathText(const google::protobuf::Message& message, absl::string_view path);

// True if the type has such a path.
bool HasPath(const google::protobuf::Descriptor& type, absl::string_view path);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_FIELD_TEXT_H_

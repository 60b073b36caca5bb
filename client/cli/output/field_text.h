#ifndef LMP_CLIENT_CLI_OUTPUT_FIELD_TEXT_H_
#define LMP_CLIENT_CLI_OUTPUT_FIELD_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// One field for a person: enum names, "2026-11-24", "2026-11-24T05:16:00Z", "yes"/"no", numbers, 0 too; lists with
// commas, of pairs as "cloud-app-security=25". Empty for what is not set. Where the contract leaves a reader to combine
// fields, they are combined: a deleted customer is DELETED, an ended subscription does not renew.
std::string FieldText(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field);

// The same for a path, "contact.given_name"; through a list, that of each of its items. The path must exist.
std::string PathText(const google::protobuf::Message& message, absl::string_view path);

// Whether there is such a path in the type.
bool HasPath(const google::protobuf::Descriptor& type, absl::string_view path);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_FIELD_TEXT_H_

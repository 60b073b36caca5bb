// What the protos say of a field besides its type: google.api.field_behavior, resource and resource_reference.
#ifndef LMP_CLIENT_CLI_CONTRACT_ANNOTATIONS_H_
#define LMP_CLIENT_CLI_CONTRACT_ANNOTATIONS_H_

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace lmp::cli {

// The server sets it; what a caller gives is not looked at.
bool IsOutputOnly(const google::protobuf::FieldDescriptor& field);
// It is given when the resource is created, and the same ever after.
bool IsImmutable(const google::protobuf::FieldDescriptor& field);

// How the names are written that the field takes, or has if it is the name of a resource itself:
// "customers/*/licenses/*", as client::FullName completes them. Empty if it takes no names.
absl::string_view NamePattern(const google::protobuf::FieldDescriptor& field);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_ANNOTATIONS_H_

// What the protos say about a field besides its type: google.api.field_behavior, resource and resource_reference.
#ifndef LMP_CLIENT_CLI_CONTRACT_ANNOTATIONS_H_
#define LMP_CLIENT_CLI_CONTRACT_ANNOTATIONS_H_

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace lmp::cli {

// True if the server sets the field; a value that a caller sends is ignored.
bool IsOutputOnly(const google::protobuf::FieldDescriptor& field);
// True if the field is set when the resource is created, and never changes.
bool IsImmutable(const google::protobuf::FieldDescriptor& field);

// The pattern of the names that the field takes or, if it is the name of a resource itself, of its own name:
// "customers/*/licenses/*", as client::FullName completes them. Empty if the field takes no names.
absl::string_view NamePattern(const google::protobuf::FieldDescriptor& field);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_ANNOTATIONS_H_

#ifndef LMP_CLIENT_CLI_CONTRACT_FIELD_FLAGS_H_
#define LMP_CLIENT_CLI_CONTRACT_FIELD_FLAGS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// A flag that sets one field of a message. All flags for creating, updating and listing are made from the contract's
// descriptors, so that a new field of the contract becomes a new flag.
struct FieldFlag {
  // Like "contact-given-name".
  std::string name;
  // Another name that the flag also has but that help texts do not show: the full name, if `name` is a shorter one.
  std::string other_name = {};
  // Path in the message, as in a field mask: "contact.given_name".
  std::string path;
  // The fields of the path, from the outside in.
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  // The flag belongs to an update, so it is not required.
  bool is_of_update = false;

  const google::protobuf::FieldDescriptor& field() const { return *fields.back(); }
  // True if the flag may be given without a value, which means true.
  bool is_bool() const;
  // What help texts show for the value: "TEXT", "N", ….
  std::string ValueName() const;
  // What the contract says about the field, and how its value is written.
  std::string Help() const;
};

// Flags for all fields of `type` that a caller may set, including those of nested messages, except those on `skipped`
// paths.
std::vector<FieldFlag> FieldFlags(const google::protobuf::Descriptor& type, const std::vector<std::string>& skipped);

// The flag for the field at `path`, which must exist.
FieldFlag FlagForPath(const google::protobuf::Descriptor& type, absl::string_view path);

// Sets the flag's field in `message` from the given values. Only a repeated field may get more than one value; it is
// replaced by them, and one empty value makes it empty. Short resource names are completed. Errors: INVALID_ARGUMENT
// with what is wrong.
absl::Status SetField(const FieldFlag& flag, const std::vector<std::string>& values,
                      google::protobuf::Message& message);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_FIELD_FLAGS_H_

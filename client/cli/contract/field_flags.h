#ifndef LMP_CLIENT_CLI_CONTRACT_FIELD_FLAGS_H_
#define LMP_CLIENT_CLI_CONTRACT_FIELD_FLAGS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

// A flag that sets one field of a message. All create, update and list flags are made from the descriptors of the
// contract, so that a new field of the contract is a new flag.
struct FieldFlag {
  // "contact-given-name".
  std::string name;
  // Another name of the flag, which is taken too but not shown in helps: the whole one, where `name` is shorter.
  std::string other_name = {};
  // Path in the message, as in a field mask: "contact.given_name".
  std::string path;
  // The fields of the path, from the outside in.
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  // It changes what is there: nothing is required.
  bool is_of_update = false;

  const google::protobuf::FieldDescriptor& field() const { return *fields.back(); }
  // Given without a value: true.
  bool is_bool() const;
  // "TEXT", "N", …: what stands for the value in help texts.
  std::string ValueName() const;
  // What the contract says of the field, and how its value is written.
  std::string Help() const;
};

// Flags for all fields of `type` that a caller may set, nested messages flattened, but not those on `skipped` paths.
std::vector<FieldFlag> FieldFlags(const google::protobuf::Descriptor& type, const std::vector<std::string>& skipped);

// The flag for the field at `path`, which must exist.
FieldFlag FlagForPath(const google::protobuf::Descriptor& type, absl::string_view path);

// Sets the flag's field in `message` from the values given, more than one only for a repeated field, which becomes just
// these; one empty value makes it empty. Short resource names are completed. INVALID_ARGUMENT says what is wrong.
absl::Status SetField(const FieldFlag& flag, const std::vector<std::string>& values,
                      google::protobuf::Message& message);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_FIELD_FLAGS_H_

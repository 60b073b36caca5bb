#ifndef LMP_CLIENT_CLI_CONTRACT_CONTRACT_H_
#define LMP_CLIENT_CLI_CONTRACT_CONTRACT_H_

#include <string>

#include "google/protobuf/descriptor.h"

namespace lmp::cli {

// The comment of the .proto file on the field, in one line; empty if there is none.
std::string FieldComment(const google::protobuf::FieldDescriptor& field);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_CONTRACT_H_

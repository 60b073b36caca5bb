#ifndef LMP_CLIENT_CLI_CONTRACT_CONTRACT_H_
#define LMP_CLIENT_CLI_CONTRACT_CONTRACT_H_

#include <string>

#include "google/protobuf/descriptor.h"

namespace lmp::cli {

// The comment that the .proto file has on the field, on one line; empty if it has none.
std::string FieldComment(const google::protobuf::FieldDescriptor& field);

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_CONTRACT_H_

#ifndef LMP_CLIENT_CLI_OUTPUT_JSON_OUTPUT_H_
#define LMP_CLIENT_CLI_OUTPUT_JSON_OUTPUT_H_

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

using MessageList = std::vector<std::unique_ptr<google::protobuf::Message>>;

// Protobuf JSON with the contract's field names, of one shape whatever the values: `usable: false` is there too. Of
// what was read with a mask, only what it asked for: the rest is not known to be empty. What does something to a
// terminal is escaped.
std::string ToJson(const google::protobuf::Message& message, const google::protobuf::FieldMask& mask = {});
// An array of them.
std::string ToJson(const MessageList& items, const google::protobuf::FieldMask& mask = {});

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_JSON_OUTPUT_H_

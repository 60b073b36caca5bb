#ifndef LMP_CLIENT_CLI_OUTPUT_JSON_OUTPUT_H_
#define LMP_CLIENT_CLI_OUTPUT_JSON_OUTPUT_H_

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace lmp::cli {

using MessageList = std::vector<std::unique_ptr<google::protobuf::Message>>;

// The message in protobuf JSON with the contract's field names. Its shape does not depend on the values: `usable:
// false` is there too. If the message was read with a mask, only the fields that it names are shown, because the others
// are not known to be empty. Characters that control a terminal are escaped.
std::string ToJson(const google::protobuf::Message& message, const google::protobuf::FieldMask& mask = {});
// The messages as a JSON array.
std::string ToJson(const MessageList& items, const google::protobuf::FieldMask& mask = {});

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_OUTPUT_JSON_OUTPUT_H_

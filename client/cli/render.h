#ifndef CLIENT_CLI_RENDER_H_
#define CLIENT_CLI_RENDER_H_

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "lmp/v1/change.pb.h"

namespace lmp::cli {

using MessageList = std::vector<std::unique_ptr<google::protobuf::Message>>;

// Any message for a person: its fields one a line, then its lists as tables.
void RenderDetails(const google::protobuf::Message& message, std::ostream& out);

// A table of messages of one type, with the columns that matter.
void RenderList(const google::protobuf::Descriptor& type, const MessageList& items, std::ostream& out);

// "+ name" and below it "field value, …" for a new resource, "~ name" and "field: before → after, …" for a changed one.
void RenderChange(const v1::Change& change, std::ostream& out);

// Protobuf JSON with the contract's field names.
std::string ToJson(const google::protobuf::Message& message);
std::string ToJson(const MessageList& items);

}  // namespace lmp::cli

#endif  // CLIENT_CLI_RENDER_H_

// Renders messages as protobuf JSON.
#ifndef LMP_SERVER_WIRE_JSON_H_
#define LMP_SERVER_WIRE_JSON_H_

#include <google/protobuf/message.h>

#include <string>

namespace lmp::wire {

// The fields have the protos' names. The protobuf library would describe the message's type to itself in each call,
// with the options of the fields, which costs more than the printing. So the descriptions are made once, without the
// options.
std::string ToJson(const google::protobuf::Message& message);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_JSON_H_

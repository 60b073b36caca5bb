// Messages as protobuf JSON.
#ifndef LMP_SERVER_WIRE_JSON_H_
#define LMP_SERVER_WIRE_JSON_H_

#include <google/protobuf/message.h>

#include <string>

namespace lmp::wire {

// With the protos' names of fields. The library describes the message's type to itself in each call, options of fields
// included, which costs it more than the printing: so the descriptions are made once, without the options.
std::string ToJson(const google::protobuf::Message& message);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_JSON_H_

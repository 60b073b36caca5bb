#ifndef LMP_CLIENT_SRC_REQUEST_ID_H_
#define LMP_CLIENT_SRC_REQUEST_ID_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "google/protobuf/message.h"

namespace lmp::client {

// The random UUID (version 4, RFC 4122, lower case) that these 128 random bits make.
std::string Uuid(uint64_t high, uint64_t low);

// The request's `request_id`; nothing if its type has no such field, which means that it is no mutation.
std::optional<std::string> RequestId(const google::protobuf::Message& request);

// A copy of a mutation with its `request_id` set.
std::unique_ptr<google::protobuf::Message> WithRequestId(const google::protobuf::Message& request,
                                                         const std::string& request_id);

}  // namespace lmp::client

#endif  // LMP_CLIENT_SRC_REQUEST_ID_H_

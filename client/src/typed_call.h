#ifndef LMP_CLIENT_SRC_TYPED_CALL_H_
#define LMP_CLIENT_SRC_TYPED_CALL_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lmp/connection.h"

namespace lmp::client {

// Connection::Call with the response's type.
template <typename Response>
absl::StatusOr<Response> TypedCall(Connection& connection, absl::string_view method,
                                   const google::protobuf::Message& request, const CallOptions& options) {
  Response response;
  absl::Status status = connection.Call(method, request, response, options);
  if (!status.ok()) return status;
  return response;
}

}  // namespace lmp::client

#endif  // LMP_CLIENT_SRC_TYPED_CALL_H_

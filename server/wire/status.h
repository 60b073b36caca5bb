// Refusals and failures → grpc::Status with google.rpc details (lmp/v1/errors.proto says which go with which code).
#ifndef LMP_SERVER_WIRE_STATUS_H_
#define LMP_SERVER_WIRE_STATUS_H_

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "lmp/v1/errors.pb.h"
#include "server/domain/refusal.h"

namespace lmp::wire {

// The status that a caller gets. Our own failures (INTERNAL, and whatever a caller could not have caused) become
// INTERNAL with `log_id` and nothing else; no text of the database leaves the process. `reason` is set for the log.
grpc::Status ToGrpc(const absl::Status& status, const std::string& log_id, std::string* reason);

// The same, for a refusal inside an answer.
google::rpc::Status ToRpcStatus(const absl::Status& status, const std::string& log_id, std::string* reason);

// The reason that a caller gets with it; empty if it is OK.
std::string ReasonOf(const absl::Status& status);

void ToProto(const domain::Duplicate& duplicate, v1::CrossgradeRequired::Duplicate* out);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_STATUS_H_

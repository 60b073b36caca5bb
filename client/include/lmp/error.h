#ifndef LMP_ERROR_H_
#define LMP_ERROR_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"
#include "lmp/v1/errors.pb.h"

namespace lmp::client {

// The type of the payload in which a status from a client carries the server's google.rpc.Status, serialized.
inline constexpr absl::string_view kStatusPayload = "type.googleapis.com/google.rpc.Status";

// A field of the request that is wrong.
struct FieldViolation {
  // Path in the request, like "customer.contact.email" or "units[1].units".
  std::string field;
  std::string description;
};

// A state that forbids the call.
struct PreconditionViolation {
  std::string type;
  // The resource that is in this state.
  std::string subject;
  std::string description;
};

// The resource that was not found, or exists already.
struct ResourceDetail {
  std::string type;
  std::string name;
  std::string description;
};

// Everything that an error says, as lmp/v1/errors.proto lists it. What the error does not say is empty.
struct ErrorDetails {
  // Name of a v1::ErrorReason; empty if the error comes from gRPC itself (the server was not reached). A newer server
  // may send names that this library does not know.
  std::string reason;
  // "lmp" for an error of the server.
  std::string domain;
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> field_violations;
  std::vector<PreconditionViolation> preconditions;
  std::optional<ResourceDetail> resource;
  // A retry is useless before this time has passed.
  std::optional<absl::Duration> retry_delay;
  // For CROSSGRADE_REQUIRED: what the customer holds twice, and the choices.
  std::vector<v1::CrossgradeRequired::Duplicate> duplicates;
  // The id to quote when asking for help.
  std::string log_id;
};

// Returns what the status says; everything is empty for an OK status or one without details.
ErrorDetails GetErrorDetails(const absl::Status& status);

// True if the error has this reason.
bool HasReason(const absl::Status& status, v1::ErrorReason reason);

// The error in one line for a log or a person: "CUSTOMER_NOT_FOUND (NOT_FOUND): …", with every wrong field that the
// message does not name, and the log id; "OK" for OK. `std::cerr << status` would print the details as a kilobyte of
// escaped bytes.
std::string ErrorText(const absl::Status& status);

// Makes an error as a server makes it, for mocks: `return MakeError(absl::StatusCode::kNotFound,
// v1::CUSTOMER_NOT_FOUND, "no");`
absl::Status MakeError(absl::StatusCode code, v1::ErrorReason reason, absl::string_view message);

// The whole error as the server sent it; if the status carries no details, an error with only code and message.
google::rpc::Status ToRpcStatus(const absl::Status& status);

// The inverse: an error as a client would return it, e.g. for a mock.
absl::Status FromRpcStatus(const google::rpc::Status& status);

}  // namespace lmp::client

#endif  // LMP_ERROR_H_

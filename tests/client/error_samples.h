#ifndef LMP_TESTS_CLIENT_ERROR_SAMPLES_H_
#define LMP_TESTS_CLIENT_ERROR_SAMPLES_H_

#include <string>

#include "absl/status/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "lmp/error.h"

namespace lmp::client {

// An error as the server makes it: an ErrorInfo with this reason, then the details given.
template <typename... Detail>
absl::Status ServerError(absl::StatusCode code, v1::ErrorReason reason, const std::string& message,
                         const Detail&... details) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(code));
  status.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_reason(v1::ErrorReason_Name(reason));
  info.set_domain("lmp");
  status.add_details()->PackFrom(info);
  (status.add_details()->PackFrom(details), ...);
  return FromRpcStatus(status);
}

inline google::rpc::RetryInfo RetryAfter(int64_t seconds) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(seconds);
  return info;
}

// The customer has the software product "wfbs" (two choices) and the service "cas" (one).
inline absl::Status CrossgradeRequiredError() {
  v1::CrossgradeRequired crossgrade;
  v1::CrossgradeRequired::Duplicate* software = crossgrade.add_duplicates();
  software->set_product("products/wfbs");
  software->set_license("customers/bakery/licenses/l1");
  software->set_subscription("customers/bakery/subscriptions/s1");
  software->add_choices("TRANSFER");
  software->add_choices("NEW_LICENSE");
  v1::CrossgradeRequired::Duplicate* service = crossgrade.add_duplicates();
  service->set_product("products/cas");
  service->set_license("customers/bakery/licenses/l2");
  service->add_choices("TRANSFER");
  return ServerError(absl::StatusCode::kFailedPrecondition, v1::CROSSGRADE_REQUIRED, "the customer has it already",
                     crossgrade);
}

}  // namespace lmp::client

#endif  // LMP_TESTS_CLIENT_ERROR_SAMPLES_H_

// One call on its way. Whatever happens to the call, it is answered exactly once and logged in one line.
#ifndef LMP_SERVER_SERVICES_CALL_H_
#define LMP_SERVER_SERVICES_CALL_H_

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/auth/identity.h"
#include "server/domain/env.h"
#include "server/observe/call_observer.h"
#include "server/rpcs/call.h"
#include "server/services/admission.h"
#include "server/services/subject.h"

namespace lmp::server {

// A call without a deadline waits this long at most.
inline constexpr absl::Duration kMaxCall = absl::Seconds(60);

class Call final : public grpc::ServerUnaryReactor, public rpcs::Call {
 public:
  // `method` ("lmp.v1.CustomerService/GetCustomer"), `admission` and `observer` must outlive the call.
  Call(const std::string& method, grpc::CallbackServerContext* context, grpc::ByteBuffer* response,
       Admission& admission, const observe::CallObserver& observer);
  ~Call() override {
    if (admitted_) admission_.Leave();
  }

  // Not OK if the call must not be looked at: it is not admitted, or something is wrong with its metadata.
  const absl::Status& status() const { return status_; }

  const domain::Caller& caller() const override { return caller_; }
  absl::Time deadline() const override { return deadline_; }
  size_t bytes() const override { return bytes_; }
  void set_bytes(size_t bytes) { bytes_ = bytes; }
  // Who it is, once that is known.
  void set_caller(std::shared_ptr<const auth::Identity> caller) {
    let_in_ = absl::Now();
    identity_ = std::move(caller);
    caller_.actor = identity_->actor;
    caller_.partner_id = identity_->grant.partner_id;
    caller_.customer_id = identity_->grant.customer_id;
  }
  const auth::Identity& identity() const override { return *identity_; }
  engine::CallTimes* times() override { return &times_; }
  // What the request is about, for the log.
  void set_subject(Subject subject) { subject_ = std::move(subject); }
  // For a call that was not let in: counted, and enough of it is in the log.
  void AnswerUnlogged(const absl::Status& status);
  std::function<bool()> gone() const override {
    return [this] { return left_us_.load(std::memory_order_relaxed) != 0; };
  }
  void set_request_id(const std::string& request_id) override { request_id_ = request_id; }
  void Answer(absl::StatusOr<std::string> response, bool replayed = false) override;

 private:
  // Called when the client has left or its deadline has passed.
  void OnCancel() override { left_us_ = std::max<int64_t>(1, absl::ToInt64Microseconds(absl::Now() - start_)); }
  void OnDone() override { delete this; }
  // Both callbacks are so short that gRPC may run them where the call ends, which saves a hop to another thread for
  // each call.
  bool InternalInlineable() override { return true; }
  std::string Metadata(const char* name) const;
  // Returns what is wrong with the metadata, and sets caller_.reason from it.
  absl::Status ReadMetadata();

  Admission& admission_;
  const observe::CallObserver& observer_;
  const bool admitted_;
  const std::string& method_;
  grpc::CallbackServerContext* const context_;
  grpc::ByteBuffer* const response_;
  const absl::Time start_;
  std::atomic<int64_t> left_us_ = 0;  // when the client left, in microseconds after the start; 0: it still waits
  absl::Time let_in_ = absl::InfinitePast();
  absl::Time deadline_;
  std::shared_ptr<const auth::Identity> identity_;
  domain::Caller caller_;  // the same, as far as rules ask
  absl::Status status_;
  size_t bytes_ = 0;
  std::string request_id_;
  std::string trace_id_;         // x-request-id, the caller's or a new one: it names the call in the logs of both sides
  std::string traceparent_;      // as it came
  observe::TraceContext trace_;  // all 0 if neither the caller nor we have a trace
  Subject subject_;
  engine::CallTimes times_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_CALL_H_

// One call on its way. Whatever happens to it, it is answered exactly once and logged in one line.
#ifndef LMP_SERVER_SERVICES_CALL_H_
#define LMP_SERVER_SERVICES_CALL_H_

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/domain/env.h"

namespace lmp::server {

// A caller who sets no deadline waits this long at most.
inline constexpr absl::Duration kLongestCall = absl::Seconds(60);

class Call final : public grpc::ServerUnaryReactor {
 public:
  // `method` ("lmp.v1.CustomerService/GetCustomer") outlives the call.
  Call(const std::string& method, grpc::CallbackServerContext* context, grpc::ByteBuffer* response);
  ~Call() override { under_way_ -= admitted_ ? 1 : 0; }

  // Calls of this process are admitted from StartAdmitting() to StopAdmitting(); others are to be answered with NotAdmitted().
  static void StartAdmitting() { admission_ = Admission::kOpen; }
  static void StopAdmitting() { admission_ = Admission::kClosed; }
  static absl::Status NotAdmitted();
  // A call with more metadata than this has a fault.
  static void SetMaxMetadata(size_t bytes) { max_metadata_ = bytes; }
  // Calls that were admitted and have not ended.
  static int under_way() { return under_way_; }
  bool admitted() const { return admitted_; }

  // INVALID_ARGUMENT if something is wrong with the call before its request is looked at: its metadata.
  const absl::Status& fault() const { return fault_; }

  const std::string& method() const { return method_; }
  const domain::Caller& caller() const { return caller_; }
  absl::Time deadline() const { return deadline_; }

  // The size of its request, once that was read.
  size_t bytes() const { return bytes_; }
  void set_bytes(size_t bytes) { bytes_ = bytes; }
  // Whether the client has given up, or its deadline has passed; good until the call is answered.
  std::function<bool()> gone() const {
    return [this] { return left_us_.load(std::memory_order_relaxed) != 0; };
  }

  // For the log.
  void set_request_id(const std::string& request_id) { request_id_ = request_id; }

  // Sends the serialized response, or the status with its details. Exactly once; the call is gone soon after.
  void Answer(absl::StatusOr<std::string> response, bool replayed = false);

 private:
  // Its client has left, or its deadline has passed.
  void OnCancel() override { left_us_ = std::max<int64_t>(1, absl::ToInt64Microseconds(absl::Now() - start_)); }
  void OnDone() override { delete this; }
  // Both are so short that gRPC may run them where the call ends: no hop to a thread of its executor for each call.
  bool InternalInlineable() override { return true; }
  std::string Metadata(const char* name) const;
  // What is wrong with the metadata, and caller_.reason from it.
  absl::Status ReadMetadata();

  inline static std::atomic<int> under_way_ = 0;
  enum class Admission { kNotYet, kOpen, kClosed };
  inline static std::atomic<Admission> admission_ = Admission::kNotYet;
  inline static std::atomic<size_t> max_metadata_ = 32 * 1024;

  const bool admitted_;
  const std::string& method_;
  grpc::CallbackServerContext* const context_;
  grpc::ByteBuffer* const response_;
  const absl::Time start_;
  std::atomic<int64_t> left_us_ = 0;  // after the start; 0: its client waits
  absl::Time deadline_;
  domain::Caller caller_;
  absl::Status fault_;
  size_t bytes_ = 0;
  std::string request_id_;
  std::string trace_id_;  // x-request-id, the caller's or ours: names the call in both logs
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_CALL_H_

// One call that is answered with many messages, on its way. Whatever happens to it, it ends exactly once and is logged
// in one line.
#ifndef LMP_SERVER_SERVICES_STREAMING_CALL_H_
#define LMP_SERVER_SERVICES_STREAMING_CALL_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/observe/call_observer.h"
#include "server/rpcs/rpc.h"
#include "server/rpcs/stream.h"
#include "server/services/admission.h"
#include "server/services/gate.h"
#include "server/services/subject.h"

namespace lmp::server {

class StreamingCall final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                            public rpcs::Stream,
                            public std::enable_shared_from_this<StreamingCall> {
 public:
  // What a call needs; all of it outlives the call.
  struct Site {
    const rpcs::Rpc& rpc;
    const std::string& method;  // "lmp.v1.LicensingService/WatchEvents"
    const SubjectFields& subject;
    const rpcs::Backend& backend;
    Admission& admission;
    Gate& gate;
    const observe::CallObserver& observer;
  };

  // Asks who calls and has the request answered, unless `status` says what is wrong with it. It lives until gRPC is
  // done with it, and as long as anybody holds its stream.
  static StreamingCall* Start(const Site& site, grpc::CallbackServerContext* context,
                              std::unique_ptr<google::protobuf::Message> request, const absl::Status& status);

  StreamingCall(const Site& site, grpc::CallbackServerContext* context);

  const domain::Caller& caller() const override { return caller_; }
  void Listen(std::shared_ptr<Listener> listener) override ABSL_LOCKS_EXCLUDED(mutex_);
  void Send(std::string message) override ABSL_LOCKS_EXCLUDED(mutex_);
  void End(absl::Status status) override ABSL_LOCKS_EXCLUDED(mutex_);
  void Abort(absl::Status why) override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void LetIn(const google::protobuf::Message& request, absl::StatusOr<Gate::Caller> caller);
  // Whether who calls still may: their key may have been revoked, or bound to another partner. Then the message goes on
  // its way.
  void LookAgain() ABSL_LOCKS_EXCLUDED(mutex_);
  bool MayStay(const absl::Status& error) ABSL_LOCKS_EXCLUDED(mutex_);
  void TakeLook(const absl::StatusOr<Gate::Caller>& caller) ABSL_LOCKS_EXCLUDED(mutex_);
  // The look is over. False if the call should have ended meanwhile, and has now.
  bool StopLooking() ABSL_LOCKS_EXCLUDED(mutex_);
  void Log(const absl::Status& status, const grpc::Status& shown, const std::string& reason, int64_t messages) const;
  absl::Time LetInAt() const { return let_in_ ? let_in_at_ : absl::InfinitePast(); }
  void TellGone() ABSL_LOCKS_EXCLUDED(mutex_);
  void Write() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnCancel() override;
  void OnDone() override ABSL_LOCKS_EXCLUDED(mutex_);

  const Site site_;
  const absl::Time start_ = absl::Now();
  const bool admitted_;
  domain::Caller caller_;
  bool let_in_ = false;
  std::string trace_id_;  // x-request-id, the caller's or ours: names the call in both logs
  std::string traceparent_;
  observe::TraceContext trace_;
  Subject subject_;
  std::string peer_;
  absl::Time let_in_at_;
  absl::Mutex mutex_;
  std::shared_ptr<StreamingCall> self_;  // until gRPC is done
  grpc::CallbackServerContext* context_ ABSL_GUARDED_BY(mutex_);
  grpc::ByteBuffer message_ ABSL_GUARDED_BY(mutex_);  // the one on its way, or that waits for the look
  std::shared_ptr<Listener> listener_ ABSL_GUARDED_BY(mutex_);
  absl::Status why_aborted_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;
  // Somebody asks who calls, and reads the context: until that is answered gRPC must keep it, and so the call does not
  // end.
  bool looking_ ABSL_GUARDED_BY(mutex_) = true;
  std::optional<absl::Status> end_after_look_ ABSL_GUARDED_BY(mutex_);
  absl::Time last_look_ ABSL_GUARDED_BY(mutex_) = absl::Now();
  absl::Time unanswered_since_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();  // the first of looks in vain
  int64_t messages_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_STREAMING_CALL_H_

#include "server/services/streaming_call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "server/auth/look.h"
#include "server/auth/refused_callers.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/ids.h"
#include "server/services/call_record.h"
#include "server/wire/status.h"

namespace lmp::server {
namespace {

constexpr size_t kMaxTraceId = 64;
constexpr size_t kMetadataOverhead = 32;  // bytes for each entry, as HTTP/2 counts them (RFC 9113, 6.5.2)
constexpr absl::Duration kLookAgain = absl::Seconds(20);

std::string Metadata(const grpc::CallbackServerContext& context, const char* name) {
  const auto it = context.client_metadata().find(name);
  std::string text = it == context.client_metadata().end() ? "" : std::string(it->second.data(), it->second.size());
  text.resize(std::min(text.size(), kMaxTraceId));
  std::erase_if(text, [](char c) { return !absl::ascii_isprint(static_cast<unsigned char>(c)); });
  return text;
}

absl::Status CheckMetadata(const grpc::CallbackServerContext& context, size_t most) {
  size_t size = 0;
  for (const auto& [name, value] : context.client_metadata()) size += name.size() + value.size() + kMetadataOverhead;
  if (size <= most) return absl::OkStatus();
  return domain::InvalidFields({{"metadata", absl::StrCat("must have at most ", most, " bytes, and has ", size)}});
}

}  // namespace

StreamingCall* StreamingCall::Start(const Site& site, grpc::CallbackServerContext* context,
                                    std::unique_ptr<google::protobuf::Message> request, const absl::Status& status) {
  auto call = std::make_shared<StreamingCall>(site, context);
  call->self_ = call;
  absl::Status first =
      call->admitted_ ? CheckMetadata(*context, site.admission.max_metadata_bytes()) : site.admission.NotAdmitted();
  if (!first.ok()) {
    call->StopLooking();
    call->End(std::move(first));
    return call.get();
  }
  call->subject_ = site.subject.Of(*request);
  const std::shared_ptr<google::protobuf::Message> asked = std::move(request);
  site.gate.Enter(*context, site.method, site.rpc, [call, asked, status](absl::StatusOr<Gate::Caller> caller) {
    call->let_in_ = caller.ok();
    call->let_in_at_ = absl::Now();
    if (call->let_in_ && !status.ok()) caller = status;
    if (call->StopLooking()) call->LetIn(*asked, std::move(caller));
  });
  return call.get();
}

StreamingCall::StreamingCall(const Site& site, grpc::CallbackServerContext* context)
    : site_(site), admitted_(site.admission.Enter()), context_(context) {
  trace_id_ = Metadata(*context, "x-request-id");
  if (trace_id_.empty()) trace_id_ = NewTraceId();
  traceparent_ = Metadata(*context, "traceparent");
  trace_ = TraceOf(traceparent_, site.observer);
  peer_ = auth::HostOf(context->peer());
  context->AddTrailingMetadata("x-request-id", trace_id_);
}

void StreamingCall::LetIn(const google::protobuf::Message& request, absl::StatusOr<Gate::Caller> caller) {
  if (!caller.ok()) return End(caller.status());
  caller_.actor = (*caller)->actor;
  caller_.partner_id = (*caller)->grant.partner_id;
  caller_.customer_id = (*caller)->grant.customer_id;
  site_.rpc.stream(site_.backend, request, shared_from_this());
}

void StreamingCall::Listen(std::shared_ptr<Listener> listener) {
  {
    absl::MutexLock lock(&mutex_);
    if (!gone_ && !ended_) {
      listener_ = std::move(listener);
      return;
    }
  }
  listener->OnGone();
}

// Nothing is told to who may not hear it any more, however long the stream was quiet.
void StreamingCall::Send(std::string message) {
  {
    absl::MutexLock lock(&mutex_);
    if (ended_) return;
    const grpc::Slice slice(message);
    message_ = grpc::ByteBuffer(&slice, 1);
    looking_ = absl::Now() - last_look_ > kLookAgain;
    if (!looking_) return Write();
  }
  LookAgain();
}

void StreamingCall::Write() {
  ++messages_;
  StartWrite(&message_);
}

void StreamingCall::End(absl::Status status) {
  std::string reason;
  const grpc::Status shown = wire::ToGrpc(status, trace_id_, &reason);
  int64_t messages = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (looking_ && !ended_) {
      if (!end_after_look_.has_value()) end_after_look_ = std::move(status);
      return;
    }
    if (std::exchange(ended_, true)) return;
    messages = messages_;
    if (!why_aborted_.ok()) status = why_aborted_;
  }
  Log(status, shown, reason, messages);
  Finish(shown);
}

void StreamingCall::Abort(absl::Status why) {
  absl::MutexLock lock(&mutex_);
  if (ended_ || context_ == nullptr) return;
  why_aborted_ = std::move(why);
  context_->TryCancel();  // and then OnCancel
}

void StreamingCall::OnWriteDone(bool ok) {
  std::shared_ptr<Listener> listener;
  {
    absl::MutexLock lock(&mutex_);
    listener = listener_;
  }
  if (ok && listener != nullptr) listener->OnSent();  // else the call is over: OnCancel says so
}

bool StreamingCall::StopLooking() {
  std::optional<absl::Status> status;
  {
    absl::MutexLock lock(&mutex_);
    looking_ = false;
    status = std::exchange(end_after_look_, std::nullopt);
  }
  if (!status.has_value()) return true;
  End(*std::move(status));
  return false;
}

void StreamingCall::LookAgain() {
  grpc::CallbackServerContext* context = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    context = context_;
  }
  site_.gate.LookAgain(*context, site_.method, site_.rpc,
                       [call = shared_from_this()](const absl::StatusOr<Gate::Caller>& caller) {
                         if (call->StopLooking()) call->TakeLook(caller);
                       });
}

bool StreamingCall::MayStay(const absl::Status& error) {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  unanswered_since_ = std::min(unanswered_since_, now);
  return auth::MayStay(error, now - unanswered_since_);
}

void StreamingCall::TakeLook(const absl::StatusOr<Gate::Caller>& caller) {
  const bool same = caller.ok() && (*caller)->actor == caller_.actor &&
                    (*caller)->grant.partner_id == caller_.partner_id &&
                    (*caller)->grant.customer_id == caller_.customer_id;
  if (same || (!caller.ok() && MayStay(caller.status()))) {
    absl::MutexLock lock(&mutex_);
    if (same) {  // else nobody can be asked: the next message asks again
      last_look_ = absl::Now();
      unanswered_since_ = absl::InfiniteFuture();
    }
    if (!ended_) Write();
    return;
  }
  TellGone();
  End(caller.ok()
          ? domain::Refuse(absl::StatusCode::kUnavailable, "the rights of the caller became others: watch again",
                           {.reason = domain::reason::kWatchEnded})
          : caller.status());
}

void StreamingCall::TellGone() {
  std::shared_ptr<Listener> listener;
  {
    absl::MutexLock lock(&mutex_);
    gone_ = true;
    listener = std::exchange(listener_, nullptr);
  }
  if (listener != nullptr) listener->OnGone();
}

void StreamingCall::OnCancel() {
  TellGone();
  End(absl::CancelledError("the client has left"));
}

void StreamingCall::OnDone() {
  TellGone();
  if (admitted_) site_.admission.Leave();
  {
    absl::MutexLock lock(&mutex_);
    context_ = nullptr;
  }
  const std::shared_ptr<StreamingCall> last = std::exchange(self_, nullptr);
}

void StreamingCall::Log(const absl::Status& status, const grpc::Status& shown, const std::string& reason,
                        int64_t messages) const {
  const absl::Duration took = absl::Now() - start_;
  if (!let_in_ && admitted_) {  // the gate has said so
    if (site_.observer.metrics == nullptr) return;
    return site_.observer.metrics->Count(site_.method, CodeName(shown.error_code()), reason, took);
  }
  static const std::string& no_request_id = *new std::string;  // it changes nothing
  Note({.method = site_.method,
        .status = status,
        .outcome = shown.error_code(),
        .seen = shown.error_code(),
        .reason = reason,
        .start = start_,
        .let_in = LetInAt(),
        .took = took,
        .outcome_took = took,
        .caller = caller_.actor,
        .peer = peer_,
        .subject = subject_,
        .request_id = no_request_id,
        .x_request_id = trace_id_,
        .traceparent = traceparent_,
        .trace = trace_,
        .messages = messages},
       site_.observer);
}

}  // namespace lmp::server

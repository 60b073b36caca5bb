#include "server/services/call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/auth/refused_callers.h"
#include "server/domain/refusal.h"
#include "server/domain/text.h"
#include "server/ids.h"
#include "server/services/call_record.h"
#include "server/wire/fields.h"
#include "server/wire/status.h"
#include "storage/hex.h"

namespace lmp::server {
namespace {

constexpr size_t kMaxTraceId = 64;
constexpr size_t kMaxReason = 500;  // characters
// Bytes that HTTP/2 counts besides each entry's name and value (RFC 9113, 6.5.2).
constexpr size_t kMetadataOverhead = 32;

// Keeps only what is safe to echo in a header and to store.
std::string Printable(std::string text, size_t limit) {
  text.resize(std::min(text.size(), limit));
  std::erase_if(text, [](char c) { return !absl::ascii_isprint(static_cast<unsigned char>(c)); });
  return text;
}

// The value is percent-encoded like grpc-message, because header values are ASCII. A value that does not decode to text
// is kept as it came.
std::string DecodedReason(const std::string& value) {
  if (value.empty()) return value;
  std::string text;
  for (size_t i = 0; i < value.size(); ++i) {
    const bool escape = value[i] == '%' && i + 2 < value.size() &&
                        absl::ascii_isxdigit(static_cast<unsigned char>(value[i + 1])) &&
                        absl::ascii_isxdigit(static_cast<unsigned char>(value[i + 2]));
    text += escape ? storage::BytesOfHex(absl::string_view(value).substr(i + 1, 2)) : std::string(1, value[i]);
    if (escape) i += 2;
  }
  return wire::IsUtf8(text) ? text : Printable(value, kMaxReason);
}

}  // namespace

Call::Call(const std::string& method, grpc::CallbackServerContext* context, grpc::ByteBuffer* response,
           Admission& admission, const observe::CallObserver& observer)
    : admission_(admission),
      observer_(observer),
      admitted_(admission.Enter()),
      method_(method),
      context_(context),
      response_(response),
      start_(absl::Now()) {
  deadline_ = std::min(absl::FromChrono(context->deadline()), start_ + kMaxCall);
  status_ = admitted_ ? ReadMetadata() : admission.NotAdmitted();
  trace_id_ = Printable(Metadata("x-request-id"), kMaxTraceId);
  if (trace_id_.empty()) trace_id_ = NewTraceId();
  traceparent_ = Printable(Metadata("traceparent"), kMaxTraceId);
  trace_ = TraceOf(traceparent_, observer);
  context->AddTrailingMetadata("x-request-id", trace_id_);
}

absl::Status Call::ReadMetadata() {
  size_t size = 0;
  for (const auto& [name, value] : context_->client_metadata()) size += name.size() + value.size() + kMetadataOverhead;
  if (size > admission_.max_metadata_bytes()) {
    return domain::InvalidFields(
        {{"metadata", absl::StrCat("must have at most ", admission_.max_metadata_bytes(), " bytes, and has ", size)}});
  }
  const std::string reason = DecodedReason(Metadata("lmp-reason"));
  if (reason.empty()) return absl::OkStatus();
  if (std::string fault = domain::TextFault(reason); !fault.empty()) {
    return domain::InvalidFields({{"lmp-reason", std::move(fault)}});
  }
  caller_.reason = std::string(absl::StripTrailingAsciiWhitespace(wire::FirstCharacters(reason, kMaxReason)));
  return absl::OkStatus();
}

std::string Call::Metadata(const char* name) const {
  const auto it = context_->client_metadata().find(name);
  return it == context_->client_metadata().end() ? "" : std::string(it->second.data(), it->second.size());
}

void Call::AnswerUnlogged(const absl::Status& status) {
  std::string reason;
  const grpc::Status shown = wire::ToGrpc(status, trace_id_, &reason);
  if (observer_.metrics != nullptr) {
    observer_.metrics->Count(method_, CodeName(shown.error_code()), reason, absl::Now() - start_);
  }
  Finish(shown);
}

void Call::Answer(absl::StatusOr<std::string> response, bool replayed) {
  std::string reason;
  const grpc::Status status = wire::ToGrpc(response.status(), trace_id_, &reason);
  if (replayed) context_->AddTrailingMetadata("lmp-replayed", "true");
  if (status.ok()) {
    const grpc::Slice slice(*response);
    *response_ = grpc::ByteBuffer(&slice, 1);
  }
  // A client that has left gets no answer: the line says what the client saw, and what the call's result was.
  const int64_t left_us = left_us_;
  const absl::Time now = absl::Now();
  const bool left = left_us != 0;
  engine::EndWait(&times_);
  Note({.method = method_,
        .status = response.status(),
        .outcome = status.error_code(),
        .seen = !left             ? status.error_code()
                : now < deadline_ ? grpc::CANCELLED
                                  : grpc::DEADLINE_EXCEEDED,
        .reason = reason,
        .start = start_,
        .let_in = let_in_,
        .took = left ? absl::Microseconds(left_us) : now - start_,
        .outcome_took = now - start_,
        .left = left,
        .caller = caller_.actor,
        .peer = auth::HostOf(context_->peer()),
        .subject = subject_,
        .request_id = request_id_,
        .x_request_id = trace_id_,
        .traceparent = traceparent_,
        .trace = trace_,
        .replayed = replayed,
        .times = &times_},
       observer_);
  Finish(status);
}

}  // namespace lmp::server

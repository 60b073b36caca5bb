#include "lmp/event_watcher.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "lmp/error.h"

namespace lmp::client {
namespace {

constexpr char kMethod[] = "/lmp.v1.LicensingService/WatchEvents";

// Whether the same may go on later. A server that is going down may end a stream in order, and one whose client took
// nothing for a minute cancels it. RESOURCE_EXHAUSTED with a
// reason is the server's, whose places are taken, or a caller's, who is too fast; gRPC says it, too, of a message that
// is too large, which it will be for ever.
bool Passes(const absl::Status& status) {
  if (status.ok() || absl::IsUnavailable(status) || absl::IsCancelled(status)) return true;
  return absl::IsResourceExhausted(status) && !GetErrorDetails(status).reason.empty();
}

}  // namespace

EventWatcher::EventWatcher(std::shared_ptr<Connection> connection, v1::WatchEventsRequest request,
                           EventWatcherOptions options)
    : connection_(std::move(connection)), request_(std::move(request)), options_(std::move(options)) {
  if (!options_.now) options_.now = [] { return absl::Now(); };
  if (!options_.sleep) options_.sleep = [](absl::Duration wait) { absl::SleepFor(wait); };
}

absl::StatusOr<v1::WatchEventsResponse> EventWatcher::Next() {
  const absl::Time began = options_.now();
  for (absl::Duration backoff = options_.first_backoff; !canceled_;
       backoff = std::min(2 * backoff, options_.longest_backoff)) {
    absl::Status status = stream_ == nullptr ? OpenStream() : absl::OkStatus();
    if (status.ok()) {
      v1::WatchEventsResponse message;
      if (stream_->Read(message)) {
        request_.set_resume_token(message.resume_token());
        return message;
      }
      status = CloseStream();
    }
    if (canceled_) break;
    if (!Passes(status)) return status;
    if (options_.now() - began >= options_.give_up_after)
      return status.ok() ? absl::UnavailableError("the stream ended") : status;
    options_.sleep(std::max(backoff, GetErrorDetails(status).retry_delay.value_or(absl::ZeroDuration())));
  }
  if (stream_ != nullptr) CloseStream().IgnoreError();
  return absl::CancelledError("the watcher was canceled");
}

void EventWatcher::Cancel() {
  canceled_ = true;
  absl::MutexLock lock(&mutex_);
  if (stream_ != nullptr) stream_->Cancel();
}

absl::Status EventWatcher::OpenStream() {
  ++streams_;
  absl::StatusOr<std::unique_ptr<MessageStream>> stream = connection_->Open(kMethod, request_, {});
  if (!stream.ok()) return stream.status();
  absl::MutexLock lock(&mutex_);
  stream_ = *std::move(stream);
  if (canceled_) stream_->Cancel();
  return absl::OkStatus();
}

absl::Status EventWatcher::CloseStream() {
  const absl::Status status = stream_->Finish();
  absl::MutexLock lock(&mutex_);
  stream_ = nullptr;
  return status;
}

}  // namespace lmp::client

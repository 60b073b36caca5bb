#ifndef LMP_EVENT_WATCHER_H_
#define LMP_EVENT_WATCHER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lmp/connection.h"
#include "lmp/v1/watch.pb.h"

namespace lmp::client {

struct EventWatcherOptions {
  // The waits before a stream that ended is opened again: the first, doubled each time without a message, up to the
  // longest. If the server says that a retry is useless before, it is waited for so long.
  absl::Duration first_backoff = absl::Milliseconds(100);
  absl::Duration longest_backoff = absl::Seconds(5);
  // For how long it is tried without a message before Next() returns the last error. Infinite: for ever.
  absl::Duration give_up_after = absl::InfiniteDuration();
  // For tests.
  std::function<absl::Time()> now = {};
  std::function<void(absl::Duration)> sleep = {};
};

// The history as it goes on, transaction by transaction; it goes on by itself when a stream ends (a server stops, a
// connection breaks): no event is missed and none comes twice. Keep the resume_token with what was made of a message,
// and a program that is started again goes on from there.
//
//   v1::WatchEventsRequest request;
//   request.set_resume_token(last_token.empty() ? "earliest" : last_token);
//   EventWatcher watcher(MakeConnection(options), request);
//   for (;;) {
//     auto message = watcher.Next();
//     if (!message.ok()) return message.status();
//     for (const v1::Event& event : message->events()) …;  // none in a checkpoint
//     Save(message->resume_token());
//   }
class EventWatcher final {
 public:
  EventWatcher(std::shared_ptr<Connection> connection, v1::WatchEventsRequest request,
               EventWatcherOptions options = {});

  // Waits for the next message: what a transaction changed, or a checkpoint. UNAVAILABLE is tried again, and the
  // server's CANCELLED (nothing was taken for a minute) and RESOURCE_EXHAUSTED (RATE_LIMITED, OVERLOADED); other errors
  // of WatchEvents are returned, OUT_OF_RANGE (RESUME_TOKEN_GONE) among them. CANCELLED after Cancel().
  absl::StatusOr<v1::WatchEventsResponse> Next();

  // From any thread: ends Next(), for good.
  void Cancel() ABSL_LOCKS_EXCLUDED(mutex_);

  // Of the last message; of the request before the first.
  const std::string& resume_token() const { return request_.resume_token(); }
  // How often a stream was opened.
  int streams() const { return streams_; }

 private:
  absl::Status OpenStream() ABSL_LOCKS_EXCLUDED(mutex_);
  // How the stream ended; there is none then.
  absl::Status CloseStream() ABSL_LOCKS_EXCLUDED(mutex_);

  const std::shared_ptr<Connection> connection_;
  v1::WatchEventsRequest request_;
  EventWatcherOptions options_;
  int streams_ = 0;
  std::atomic<bool> canceled_ = false;
  absl::Mutex mutex_;
  std::unique_ptr<MessageStream> stream_;  // changed under the mutex, by the thread that calls Next()
};

}  // namespace lmp::client

#endif  // LMP_EVENT_WATCHER_H_

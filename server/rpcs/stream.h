// One call that is answered with many messages, as the table of RPCs sees it. Free of gRPC.
#ifndef LMP_SERVER_RPCS_STREAM_H_
#define LMP_SERVER_RPCS_STREAM_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "server/domain/env.h"

namespace lmp::rpcs {

// Held by who answers; any function may be called when the client has left: it does nothing then. Thread-safe.
class Stream {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // The message was taken over, and the next one may be sent.
    virtual void OnSent() = 0;
    // The client has left, or the stream has ended: there is nobody to send to.
    virtual void OnGone() = 0;
  };

  virtual ~Stream() = default;
  virtual const domain::Caller& caller() const = 0;
  // Once, first of all. What has happened by then is told at once.
  virtual void Listen(std::shared_ptr<Listener> listener) = 0;
  // Sends a serialized message. One at a time: not again before OnSent().
  virtual void Send(std::string message) = 0;
  // Ends the stream, once what is under way has been sent.
  virtual void End(absl::Status status) = 0;
  // Ends it at once, for a client that takes nothing; `why` is for the log.
  virtual void Abort(absl::Status why) = 0;
};

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_STREAM_H_

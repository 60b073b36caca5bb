#ifndef LMP_CONNECTION_H_
#define LMP_CONNECTION_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "lmp/options.h"

namespace lmp::client {

// The messages of one call that is answered with many. One thread reads; Cancel() may come from another.
class MessageStream {
 public:
  virtual ~MessageStream() = default;
  // Waits for the next message, which must be of the method's response type. False: there is none any more, and
  // Finish() says why.
  virtual bool Read(google::protobuf::Message& message) = 0;
  // How the call ended, with the server's details. Once, after Read() said false.
  virtual absl::Status Finish() = 0;
  // Ends the call: Read() soon returns false, and Finish() CANCELLED.
  virtual void Cancel() = 0;
};

// The way to a server: the one thing clients are built on, and the one to mock (lmp/mocks/mock_connection.h).
// Implementations are safe for use by many threads at once.
class Connection {
 public:
  virtual ~Connection() = default;

  // Makes one unary call and waits for its end. `method` is the path of the RPC,
  // "/lmp.v1.LicensingService/CheckLicense"; `request` and `response` must be of that method's types. On an error
  // `response` is unspecified, and the status carries the server's details (lmp/error.h). Errors without details come
  // from gRPC itself: UNAVAILABLE, DEADLINE_EXCEEDED. INVALID_ARGUMENT if a header can't be sent (the token or metadata
  // is not printable ASCII).
  virtual absl::Status Call(absl::string_view method, const google::protobuf::Message& request,
                            google::protobuf::Message& response, const CallOptions& options) = 0;

  // Begins a call that is answered with many messages. Without a timeout in `options` it has none; it is not tried
  // again (lmp/event_watcher.h does that). UNIMPLEMENTED by a connection that knows no such calls.
  virtual absl::StatusOr<std::unique_ptr<MessageStream>> Open(absl::string_view method,
                                                              const google::protobuf::Message& request,
                                                              const CallOptions& options);
};

// Makes a connection to Options::target with retries and request ids, which is what clients should use. It returns at
// once; the first call connects.
std::shared_ptr<Connection> MakeConnection(const Options& options);

// Where retries get the time and random numbers from; tests replace it. All functions are called from many threads at
// once.
struct Environment {
  // Uses the process's own clock and sleep, and randomness from the operating system.
  static Environment Real();

  std::function<absl::Time()> now;
  std::function<void(absl::Duration)> sleep;
  // Returns 64 random bits.
  std::function<uint64_t()> random;
};

// The two layers of MakeConnection. The outer layer makes one logical call from one or more attempts of the inner one:
//  - A mutation whose `request_id` is empty gets a random UUID once, so that a retry can't do it twice.
//  - A call sends the trace that Options::traceparent names, each attempt the same.
//  - A call that fails with UNAVAILABLE is tried again as Options::retry says, within the call's timeout.
// Other fields of `options` are not used.
std::shared_ptr<Connection> MakeRetryingConnection(std::shared_ptr<Connection> inner, const Options& options,
                                                   Environment environment = Environment::Real());
// Makes one attempt over gRPC for each call.
std::shared_ptr<Connection> MakeGrpcConnection(const Options& options);

}  // namespace lmp::client

#endif  // LMP_CONNECTION_H_

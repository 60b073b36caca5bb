#ifndef LMP_CONNECTION_H_
#define LMP_CONNECTION_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "lmp/options.h"

namespace lmp::client {

// The way to a server: the one thing clients are built on, and the one to mock (lmp/mocks/mock_connection.h).
// Implementations are safe for use by many threads at once.
class Connection {
 public:
  virtual ~Connection() = default;

  // Makes one unary call and waits for its end. `method` is its path, "/lmp.v1.LicensingService/CheckLicense";
  // `request` and `response` are of that method's types. On an error `response` is unspecified, and the status carries
  // the server's details (lmp/error.h); errors without details come from gRPC itself: UNAVAILABLE, DEADLINE_EXCEEDED.
  // INVALID_ARGUMENT if a header can't be sent (token or metadata not printable ASCII).
  virtual absl::Status Call(absl::string_view method, const google::protobuf::Message& request,
                            google::protobuf::Message& response, const CallOptions& options) = 0;
};

// A connection to Options::target with retries and request ids: what clients should use. Returns at once; the first
// call connects.
std::shared_ptr<Connection> MakeConnection(const Options& options);

// Where retries get time and chance from; tests put in their own. All are called from many threads at once.
struct Environment {
  // The process's own clock, sleep and (from the operating system) randomness.
  static Environment Real();

  std::function<absl::Time()> now;
  std::function<void(absl::Duration)> sleep;
  // 64 random bits.
  std::function<uint64_t()> random;
};

// The two layers of MakeConnection. The outer makes one logical call of one or more attempts of the inner:
//  - a mutation whose `request_id` is empty gets a random UUID once, so that trying again can't do it twice;
//  - UNAVAILABLE is tried again as Options::retry says, within the call's timeout.
// Other fields of `options` are not used.
std::shared_ptr<Connection> MakeRetryingConnection(std::shared_ptr<Connection> inner, const Options& options,
                                                   Environment environment = Environment::Real());
// One attempt over gRPC for each call.
std::shared_ptr<Connection> MakeGrpcConnection(const Options& options);

}  // namespace lmp::client

#endif  // LMP_CONNECTION_H_

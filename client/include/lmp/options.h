#ifndef LMP_OPTIONS_H_
#define LMP_OPTIONS_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "lmp/retry_policy.h"

namespace lmp::client {

// Plaintext, for loopback and tests.
struct InsecureCredentials {};

// TLS. All three fields are PEM text, not file names.
struct TlsCredentials {
  // Certificates that may sign the server's certificate; empty: those that gRPC finds on the system.
  std::string ca = {};
  // The client's own certificate and key for mutual TLS; set both or neither.
  std::string cert = {};
  std::string key = {};
};

// How to reach a server, and what applies to all calls through one connection.
struct Options {
  // "host:port", or any other gRPC target ("unix:/run/lmp.sock", "dns:///lmp.example.com:443").
  std::string target = "127.0.0.1:50051";
  std::variant<InsecureCredentials, TlsCredentials> credentials = {};
  // The time for one call, all its attempts included. It must be more than 0; absl::InfiniteDuration() means no limit.
  absl::Duration timeout = absl::Seconds(10);
  RetryPolicy retry = {};
  // Sent as "authorization: Bearer …"; empty: not sent. Without TLS it is sent to this machine only (a Unix socket, or
  // a loopback address): everybody on the way could read it, and be you from then on. Calls fail with
  // FAILED_PRECONDITION.
  std::string bearer_token = {};
  // Send it without TLS to other machines too, because something else keeps the way there private.
  bool allow_plaintext_token = false;
  // Why the caller makes changes: it is stored with every event of them (header "lmp-reason"). Empty: not sent.
  std::string reason = {};
  // Asked once for each call, in the thread that makes it: the header "traceparent" of what that thread is doing, such
  // as that of OpenTelemetry's current span. All attempts of the call send it. Empty, or an empty answer: not sent
  // (lmp/traceparent.h makes one).
  std::function<std::string()> traceparent = {};
  // Sent before gRPC's own user agent, e.g. "billing/2.1".
  std::string user_agent = {};
};

// Information about one call besides its answer.
struct CallInfo {
  // The mutation's request_id: the caller's, or the one the library filled in. Empty for a read.
  std::string request_id = {};
  // True if the answer is the stored one of an earlier call with the same request_id; this call changed nothing.
  bool replayed = false;
  // The header "traceparent" that was sent; empty: none.
  std::string traceparent = {};
  // The number of attempts made, at least 1.
  int attempts = 0;
};

// What one call does differently from its connection's Options.
struct CallOptions {
  // Replaces Options::timeout.
  std::optional<absl::Duration> timeout = {};
  // Replaces Options::reason, unless empty.
  std::string reason = {};
  // Headers to send, e.g. {"traceparent", …}. Keys must be lower case, values printable ASCII.
  std::vector<std::pair<std::string, std::string>> metadata = {};
  // If set, it is filled before the call returns; it must outlive the call.
  CallInfo* info = nullptr;
};

}  // namespace lmp::client

#endif  // LMP_OPTIONS_H_

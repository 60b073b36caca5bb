// The door of the service: who calls, whether they may, and not too often. Before anything of the request is looked at.
#ifndef LMP_SERVER_SERVICES_GATE_H_
#define LMP_SERVER_SERVICES_GATE_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/auth/authenticator.h"
#include "server/auth/rate_limit.h"
#include "server/auth/refused_callers.h"
#include "server/rpcs/rpc.h"

namespace lmp::server {

// Thread-safe.
class Gate final {
 public:
  using Caller = auth::Authenticator::Caller;

  // `certificates`: whether a client's certificate says who it is; else it only lets the client connect.
  Gate(std::unique_ptr<auth::Authenticator> authenticator, auth::RateLimitOptions rate_limit, bool certificates)
      : authenticator_(std::move(authenticator)), rate_limit_(rate_limit), certificates_(certificates) {}

  // Calls `done` exactly once with who calls, mostly at once; `context` outlives that. Errors: UNAUTHENTICATED,
  // PERMISSION_DENIED, RESOURCE_EXHAUSTED (RATE_LIMITED), UNAVAILABLE: all of them are counted and logged here.
  void Enter(const grpc::CallbackServerContext& context, const std::string& method, const rpcs::Rpc& rpc,
             std::function<void(absl::StatusOr<Caller>)> done);

  // Reads the file of issuers and bindings again. Errors: INVALID_ARGUMENT; all is then as it was.
  absl::Status Reload() { return authenticator_->Reload(); }
  // Now and then: one line about the last minute, if anybody was refused in it.
  void LogRefused(absl::Time now);

 private:
  // OK, or why this caller may not make this call now.
  absl::Status Check(const auth::Identity& caller, const rpcs::Rpc& rpc);
  void Refuse(const std::string& peer, const std::string& method, const absl::Status& status, const std::string& actor,
              const std::string& why);

  const std::unique_ptr<auth::Authenticator> authenticator_;
  auth::RateLimit rate_limit_;
  auth::RefusedCallers refused_;
  const bool certificates_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_GATE_H_

// The gate of the service: finds out who calls, whether the caller may, and whether it calls too often, before anything
// of the request is looked at.
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

  // If `certificates` is true, a client's certificate says who the caller is; otherwise it only lets the client
  // connect.
  Gate(std::unique_ptr<auth::Authenticator> authenticator, auth::RateLimitOptions rate_limit, bool certificates)
      : authenticator_(std::move(authenticator)), rate_limit_(rate_limit), certificates_(certificates) {}

  // Calls `done` exactly once with the caller's identity, mostly at once; `context` must outlive that. Errors:
  // UNAUTHENTICATED, PERMISSION_DENIED, RESOURCE_EXHAUSTED (RATE_LIMITED), UNAVAILABLE; the gate counts and logs all of
  // them.
  void Enter(const grpc::CallbackServerContext& context, const std::string& method, const rpcs::Rpc& rpc,
             std::function<void(absl::StatusOr<Caller>)> done);

  // Reads the file of issuers and bindings again. Errors: INVALID_ARGUMENT; everything stays as it was then.
  absl::Status Reload() { return authenticator_->Reload(); }
  // To be called from time to time: logs one line about the last minute, if anybody was refused in it.
  void LogRefused(absl::Time now);

 private:
  // OK, or the reason why this caller may not make this call now.
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

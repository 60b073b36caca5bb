// The gate of the service: finds out who calls, whether the caller may, and whether it calls too often, before anything
// of the request is looked at.
#ifndef LMP_SERVER_SERVICES_GATE_H_
#define LMP_SERVER_SERVICES_GATE_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/auth/authenticator.h"
#include "server/auth/rate_limit.h"
#include "server/auth/refused_callers.h"
#include "server/rpcs/rpc.h"
#include "server/services/caller_counts.h"

namespace lmp::server {

// Thread-safe.
class Gate final {
 public:
  using Caller = auth::Authenticator::Caller;

  // Says until when a client's certificate (PEM) is good, by the CA of now; `chain` came with it. Errors:
  // INVALID_ARGUMENT, DEADLINE_EXCEEDED if it is not any more.
  using CheckCertificate =
      std::function<absl::StatusOr<absl::Time>(absl::string_view certificate, absl::string_view chain)>;

  // If `certificates` is true, a client's certificate says who the caller is; otherwise it only lets the client
  // connect. Each call of a client that has one is asked for with `check`; null: only its handshake is.
  Gate(std::unique_ptr<auth::Authenticator> authenticator, auth::RateLimitOptions rate_limit, bool certificates,
       CheckCertificate check = nullptr)
      : authenticator_(std::move(authenticator)),
        rate_limit_(rate_limit),
        certificates_(certificates),
        check_(std::move(check)) {}

  // Calls `done` exactly once with the caller's identity, mostly at once; `context` must outlive that. Errors:
  // UNAUTHENTICATED, PERMISSION_DENIED, RESOURCE_EXHAUSTED (RATE_LIMITED, or OVERLOADED if too much is asked of the
  // database), UNAVAILABLE; the gate counts and logs all of them.
  void Enter(const grpc::CallbackServerContext& context, const std::string& method, const rpcs::Rpc& rpc,
             std::function<void(absl::StatusOr<Caller>)> done);

  // The same of a caller who was let in and is still there: it is no further call, and so counts for no limit, is never
  // RATE_LIMITED, and is refused only by a verdict (server/auth/look.h).
  void LookAgain(const grpc::CallbackServerContext& context, const std::string& method, const rpcs::Rpc& rpc,
                 std::function<void(absl::StatusOr<Caller>)> done);

  // Reads the file of issuers and bindings again. Errors: INVALID_ARGUMENT; everything stays as it was then.
  absl::Status Reload() { return authenticator_->Reload(); }
  // To be called once a second: logs one line about the last minute, if anybody was refused in it, and looks at the
  // file of issuers and bindings, which otherwise only calls do.
  void LogRefused(absl::Time now);

  // Since the start, for metrics: by what told who it is, and by reason.
  CallerCounts::Counts LetIn() const { return let_in_.Totals(); }
  auth::RefusedCallers::Counts Refused() const { return refused_.Totals(); }

 private:
  enum class Asked { kForCall, kAgain };
  void Ask(const grpc::CallbackServerContext& context, const std::string& method, const rpcs::Rpc& rpc, Asked asked,
           std::function<void(absl::StatusOr<Caller>)> done);
  // OK, or the reason why this caller may not make this call now.
  absl::Status Check(const auth::Identity& caller, const rpcs::Rpc& rpc, Asked asked);
  // Counts and logs that a caller did not get in, or that a look could not be answered.
  void Note(Asked asked, const std::string& peer, const std::string& method, const absl::Status& status,
            const std::string& actor, const std::string& why);

  const std::unique_ptr<auth::Authenticator> authenticator_;
  auth::RateLimit rate_limit_;
  auth::RefusedCallers refused_;
  auth::RefusedCallers unanswered_;  // looks: nobody was refused
  CallerCounts let_in_;
  const bool certificates_;
  const CheckCertificate check_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_GATE_H_

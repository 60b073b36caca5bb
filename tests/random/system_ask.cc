// The server as a caller meets it: its permission first, then what it is bound to.
#include <future>

#include "absl/strings/str_cat.h"
#include "server/auth/identity.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/rpcs/rpc.h"
#include "server/wire/server_context.h"
#include "storage/status_macros.h"
#include "tests/random/system.h"

namespace lmp::random_test {
namespace {

constexpr int kChosenId = 25;  // of what a request itself makes, see IdOf

// What the gate of the service says (server/services/gate.h), which is of gRPC.
absl::Status LetIn(const Caller& caller, const rpcs::Rpc& rpc) {
  auth::Identity identity{.actor = caller.actor};
  if (const auto role = auth::RoleOf(caller.role); role.has_value()) identity.grant.roles = {*role};
  if (identity.May(rpc.needs)) return absl::OkStatus();
  return domain::Refuse(absl::StatusCode::kPermissionDenied, "not with this role",
                        {.reason = domain::reason::kPermissionDenied});
}

domain::Caller DomainCaller(const Caller& caller) {
  return {.actor = caller.actor, .partner_id = caller.partner, .customer_id = caller.customer};
}

class NoIds final : public domain::IdSource {
 public:
  std::string NewId(absl::Time) override { return ""; }
  std::string NewActivationCode() override { return ""; }
};

}  // namespace

absl::StatusOr<engine::Answer> System::Ask(const Caller& caller, const Verb& verb,
                                           const google::protobuf::Message& request, int step) {
  RETURN_IF_ERROR(LetIn(caller, *rpcs::FindRpc(verb.method)));
  ASSIGN_OR_RETURN(engine::Mutation mutation, verb.mutate(request, IdOf(step, kChosenId)));
  mutation.caller = DomainCaller(caller);
  return Run(std::move(mutation), step);
}

absl::StatusOr<std::string> System::Ask(const Caller& caller, const rpcs::Rpc& rpc,
                                        const google::protobuf::Message& request) {
  RETURN_IF_ERROR(LetIn(caller, rpc));
  NoIds ids;
  const wire::PageTokens tokens("secret");
  ASSIGN_OR_RETURN(rpcs::Read read, rpc.read(request, *cache_, wire::ServerContext{ids, tokens, Now()}));
  std::promise<absl::StatusOr<std::string>> promise;
  read.query.caller = DomainCaller(caller);
  read.query.done = [&promise](absl::StatusOr<std::string> answer) { promise.set_value(std::move(answer)); };
  reads_->Submit(std::move(read.query));
  return promise.get_future().get();
}

}  // namespace lmp::random_test

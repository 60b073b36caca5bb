// What the system can do is one table of RPCs, and an RPC is one value: its name, the permission it needs, and its
// functions, each with a name of its own. This is what all kinds of them become; mutation.h, query.h, list.h and
// snapshot_read.h have the kinds. Whoever makes a mutation or a read makes it from here: services, plan roll-out, tests
// and benchmarks.
#ifndef LMP_SERVER_RPCS_RPC_H_
#define LMP_SERVER_RPCS_RPC_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/auth/permission.h"
#include "server/engine/read_engine.h"
#include "server/engine/write_engine.h"
#include "server/rpcs/backend.h"
#include "server/rpcs/call.h"
#include "server/wire/preview_token.h"
#include "server/wire/server_context.h"

namespace lmp::rpcs {

// The permission that an RPC needs. It has no default: an RPC without one does not compile.
class Needs final {
 public:
  Needs() = delete;
  constexpr Needs(auth::Permission permission) : permission_(permission) {}  // NOLINT: written as the permission itself
  constexpr auth::Permission permission() const { return permission_; }

 private:
  auth::Permission permission_;
};

enum class Lane { kReads, kLists, kChecks };

// A read, but for who asks.
struct Read {
  Lane lane = Lane::kReads;
  engine::Query query;           // not empty `keep_as`: an answer that was given may be given again, to the same caller
  absl::Duration max_staleness;  // more than 0: one of this age will do
};

struct Rpc {
  std::string name;  // "SuspendSubscription"
  auth::Permission needs;
  const google::protobuf::Message* request;  // the default instances: New() makes another
  const google::protobuf::Message* response;

  // One of the three. What is wrong with a request is INVALID_ARGUMENT, before anything waits.
  // A mutation, but for who asks; `asked` from the same request.
  std::function<absl::StatusOr<engine::Mutation>(const google::protobuf::Message& request,
                                                 const absl::StatusOr<wire::Asked>& asked,
                                                 const wire::ServerContext& context)>
      write = {};
  std::function<absl::StatusOr<Read>(const google::protobuf::Message& request, storage::CatalogCache& cache,
                                     const wire::ServerContext& context)>
      read = {};
  // What is neither has the call answered itself.
  std::function<void(const Backend& backend, const google::protobuf::Message& request, Call* call)> serve = {};
};

// What each kind of RPC begins with, and adds its own function to.
template <class Request, class Response>
Rpc RpcOf(const char* name, const Needs& needs) {
  return {.name = name,
          .needs = needs.permission(),
          .request = &Request::default_instance(),
          .response = &Response::default_instance()};
}

// Parses a request with a function that may also take what the server knows.
template <class Request, class Parsed, class... Context>
absl::StatusOr<Parsed> ParseWith(absl::StatusOr<Parsed> (*parse)(const Request& request, Context... context),
                                 const google::protobuf::Message& request, const wire::ServerContext& context) {
  static_assert(sizeof...(Context) <= 1, "a parser takes a request, and maybe a const wire::ServerContext&");
  if constexpr (sizeof...(Context) == 0) {
    return parse(static_cast<const Request&>(request));
  } else {
    return parse(static_cast<const Request&>(request), context);
  }
}

// Has the call answered, once. `backend` outlives it.
void Serve(const Rpc& rpc, const Backend& backend, const google::protobuf::Message& request, Call* call);

// The parts of Serve, for who does more between them: the mutation of a request, and everything in it that is the
// call's.
absl::StatusOr<engine::Mutation> MutationOf(const Rpc& rpc, const google::protobuf::Message& request,
                                            const wire::ServerContext& context);
void SetCaller(Call* call, engine::Mutation& mutation);

// The services whose RPCs these are.
std::vector<const google::protobuf::ServiceDescriptor*> Services();
const std::vector<Rpc>& AllRpcs();
// nullptr if there is none of this name.
const Rpc* FindRpc(absl::string_view name);

// The table's parts, by noun: each in its own file.
std::vector<Rpc> PartnerRpcs();
std::vector<Rpc> CustomerRpcs();
std::vector<Rpc> ProductRpcs();
std::vector<Rpc> ServicePlanRpcs();
std::vector<Rpc> SubscriptionRpcs();
std::vector<Rpc> LicenseRpcs();
std::vector<Rpc> LicenseTokenRpcs();
std::vector<Rpc> LicensePoolRpcs();
std::vector<Rpc> RegistrationKeyRpcs();
std::vector<Rpc> HistoryRpcs();
std::vector<Rpc> UsageRpcs();

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_RPC_H_

// What the system can do is one table of RPCs. An RPC is one value: its name, the permission it needs, and its
// functions, each with a name of its own. All kinds of RPCs (mutation.h, query.h, list.h, snapshot_read.h) become an
// Rpc. Whoever makes a mutation or a read uses this table: services, plan roll-out, tests and benchmarks.
#ifndef LMP_SERVER_RPCS_RPC_H_
#define LMP_SERVER_RPCS_RPC_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <memory>
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
#include "server/rpcs/stream.h"
#include "server/wire/preview_token.h"
#include "server/wire/server_context.h"

namespace lmp::rpcs {

// The permission that an RPC needs. It has no default: an RPC without a permission does not compile.
class Needs final {
 public:
  Needs() = delete;
  constexpr Needs(auth::Permission permission) : permission_(permission) {}  // NOLINT: implicit: rows name a Permission
  constexpr auth::Permission permission() const { return permission_; }

 private:
  auth::Permission permission_;
};

enum class Lane { kReads, kLists, kChecks };

// A read as the request asks for it; the caller is not set yet.
struct Read {
  Lane lane = Lane::kReads;
  engine::Query query;           // if `keep_as` is not empty, the same caller may be given an answer again
  absl::Duration max_staleness;  // more than 0: an answer of this age is accepted
};

struct Rpc {
  std::string name;  // "SuspendSubscription"
  auth::Permission needs;
  const google::protobuf::Message* request;  // a default instance; its New() makes messages
  const google::protobuf::Message* response;

  // One of the four. What is wrong with a request is INVALID_ARGUMENT, before anything waits.
  // A mutation, but for who asks; `asked` from the same request.
  std::function<absl::StatusOr<engine::Mutation>(const google::protobuf::Message& request,
                                                 const absl::StatusOr<wire::Asked>& asked,
                                                 const wire::ServerContext& context)>
      write = {};
  std::function<absl::StatusOr<Read>(const google::protobuf::Message& request, storage::CatalogCache& cache,
                                     const wire::ServerContext& context)>
      read = {};
  // `serve` is for an RPC that is neither a mutation nor a read: it answers the call itself.
  std::function<void(const Backend& backend, const google::protobuf::Message& request, Call* call)> serve = {};
  // What is answered with many messages.
  std::function<void(const Backend& backend, const google::protobuf::Message& request, std::shared_ptr<Stream> stream)>
      stream = {};
};

// Makes the part that all kinds of RPCs share; each kind adds its own function.
template <class Request, class Response>
Rpc RpcOf(const char* name, const Needs& needs) {
  return {.name = name,
          .needs = needs.permission(),
          .request = &Request::default_instance(),
          .response = &Response::default_instance()};
}

// Parses a request with a function that may also take what the server knows (a ServerContext).
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

// Answers the call, once. `backend` must outlive it.
void Serve(const Rpc& rpc, const Backend& backend, const google::protobuf::Message& request, Call* call);

// The parts of Serve, for callers that do more between them: MutationOf makes the mutation of a request, SetCaller sets
// everything that comes from the call.
absl::StatusOr<engine::Mutation> MutationOf(const Rpc& rpc, const google::protobuf::Message& request,
                                            const wire::ServerContext& context);
void SetCaller(Call* call, engine::Mutation& mutation);

// The services whose RPCs these are.
std::vector<const google::protobuf::ServiceDescriptor*> Services();
const std::vector<Rpc>& AllRpcs();
// Returns nullptr if no RPC has this name.
const Rpc* FindRpc(absl::string_view name);

// The parts of the table, one for each noun; each is in a file of its own.
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
std::vector<Rpc> ApiKeyRpcs();
std::vector<Rpc> WhoAmIRpcs();
std::vector<Rpc> WatchRpcs();
std::vector<Rpc> HistoryHeadRpcs();
std::vector<Rpc> HistoryProofRpcs();
std::vector<Rpc> RevertRpcs();

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_RPC_H_

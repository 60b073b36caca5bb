#include "server/rpcs/rpc.h"

#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/guarded.h"

namespace lmp::rpcs {
namespace {

void ServeMutation(const Rpc& rpc, const Backend& backend, const google::protobuf::Message& request, Call* call) {
  absl::StatusOr<engine::Mutation> mutation =
      engine::Guarded(rpc.name, [&] { return MutationOf(rpc, request, backend.context()); });
  if (!mutation.ok()) return call->Answer(mutation.status());
  SetCaller(call, *mutation);
  call->set_request_id(mutation->request_id);
  mutation->times = call->times();
  mutation->done = [call](absl::StatusOr<engine::Answer> answer) {
    if (!answer.ok()) return call->Answer(answer.status());
    call->Answer(std::move(answer->response), answer->replayed);
  };
  if (mutation->complete) {
    mutation->done = [done = std::move(mutation->done),
                      complete = std::move(mutation->complete)](absl::StatusOr<engine::Answer> answer) {
      if (answer.ok()) complete(*answer);
      done(std::move(answer));
    };
  }
  backend.writes.Submit(*std::move(mutation));
}

engine::ReadEngine& EngineOf(Lane lane, const Backend& backend) {
  switch (lane) {
    case Lane::kReads:
      return backend.reads;
    case Lane::kLists:
      return backend.lists;
    case Lane::kChecks:
      break;
  }
  return backend.checks;
}

void ServeRead(const Rpc& rpc, const Backend& backend, const google::protobuf::Message& request, Call* call) {
  absl::StatusOr<Read> read =
      engine::Guarded(rpc.name, [&] { return rpc.read(request, backend.cache, backend.context()); });
  if (!read.ok()) return call->Answer(read.status());
  engine::ReadEngine& engine = EngineOf(read->lane, backend);
  engine::Query& query = read->query;
  if (!query.keep_as.empty()) {
    // An answer is given again only to the caller that got it, and while its binding is the same. Neither actors nor
    // ids contain this separator.
    const domain::Caller& caller = call->caller();
    absl::StrAppend(&query.keep_as, "\n", caller.actor, "\n", caller.partner_id, "\n", caller.customer_id);
    std::optional<std::string> kept = engine.Kept(query.keep_as, read->max_staleness);
    if (kept.has_value()) {
      if (call->times() != nullptr) call->times()->kept = true;
      return call->Answer(*std::move(kept));
    }
  }
  query.caller = call->caller();
  query.deadline = call->deadline();
  query.bytes = call->bytes();
  query.gone = call->gone();
  query.times = call->times();
  query.done = [call](absl::StatusOr<std::string> response) { call->Answer(std::move(response)); };
  engine.Submit(std::move(query));
}

}  // namespace

void Serve(const Rpc& rpc, const Backend& backend, const google::protobuf::Message& request, Call* call) {
  if (rpc.write) return ServeMutation(rpc, backend, request, call);
  if (rpc.read) return ServeRead(rpc, backend, request, call);
  rpc.serve(backend, request, call);
}

absl::StatusOr<engine::Mutation> MutationOf(const Rpc& rpc, const google::protobuf::Message& request,
                                            const wire::ServerContext& context) {
  return rpc.write(request, wire::ParseAsked(request), context);
}

void SetCaller(Call* call, engine::Mutation& mutation) {
  mutation.caller = call->caller();
  mutation.deadline = call->deadline();
  mutation.bytes = call->bytes();
  mutation.gone = call->gone();
}

std::vector<const google::protobuf::ServiceDescriptor*> Services() {
  const google::protobuf::DescriptorPool& pool = *google::protobuf::DescriptorPool::generated_pool();
  return {pool.FindServiceByName("lmp.v1.CustomerService"), pool.FindServiceByName("lmp.v1.LicensingService")};
}

const std::vector<Rpc>& AllRpcs() {
  static const auto& all = *new std::vector<Rpc>([] {
    std::vector<Rpc> rpcs;
    for (auto* part : {PartnerRpcs, CustomerRpcs, ProductRpcs, ServicePlanRpcs, SubscriptionRpcs, LicenseRpcs,
                       LicenseTokenRpcs, LicensePoolRpcs, RegistrationKeyRpcs, HistoryRpcs, UsageRpcs, ApiKeyRpcs,
                       WhoAmIRpcs, WatchRpcs, HistoryHeadRpcs, HistoryProofRpcs, RevertRpcs}) {
      std::vector<Rpc> some = part();
      std::move(some.begin(), some.end(), std::back_inserter(rpcs));
    }
    return rpcs;
  }());
  return all;
}

const Rpc* FindRpc(absl::string_view name) {
  for (const Rpc& rpc : AllRpcs()) {
    if (rpc.name == name) return &rpc;
  }
  return nullptr;
}

}  // namespace lmp::rpcs

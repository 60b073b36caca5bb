// The table of verbs: one entry for each. A new verb needs its line here, its Predict in model_requests.h, and its
// random request in requests.h, unless it takes no more than a name. What the server does with it is in its table of
// RPCs.
#include "absl/strings/strip.h"
#include "server/rpcs/rpc.h"
#include "server/wire/server_context.h"
#include "storage/status_macros.h"
#include "tests/random/model_requests.h"
#include "tests/random/requests.h"
#include "tests/random/step.h"

namespace lmp::random_test {
namespace {

using google::protobuf::Message;

// The one id that a request makes.
class OneId final : public domain::IdSource {
 public:
  explicit OneId(std::string id) : id_(std::move(id)) {}
  std::string NewId(absl::Time) override { return id_; }
  std::string NewActivationCode() override { return ""; }  // those are made when it is decided

 private:
  const std::string id_;
};

absl::StatusOr<engine::Mutation> Mutate(const rpcs::Rpc& rpc, const Message& request, const std::string& new_id) {
  OneId ids(new_id);
  const wire::PageTokens tokens("secret");
  ASSIGN_OR_RETURN(engine::Mutation mutation,
                   rpcs::MutationOf(rpc, request, wire::ServerContext{ids, tokens, absl::InfiniteFuture()}));
  mutation.caller = {.actor = "tester"};
  return mutation;
}

template <class Request>
Verb VerbOf(int weight, std::function<Request(Dice&, const World&)> generate) {
  const std::string method(absl::StripSuffix(Request::descriptor()->name(), "Request"));
  const rpcs::Rpc& rpc = *rpcs::FindRpc(method);
  Verb verb{.method = method, .weight = weight};
  verb.generate = [generate](Dice& dice, const World& world) -> MessagePtr {
    return std::make_shared<Request>(generate(dice, world));
  };
  verb.predict = [](const Message& request, World& world, Verdict& verdict) {
    Predict(static_cast<const Request&>(request), world, verdict);
  };
  verb.new_response = [&rpc] { return MessagePtr(rpc.response->New()); };
  verb.mutate = [&rpc](const Message& request, const std::string& new_id) { return Mutate(rpc, request, new_id); };
  return verb;
}

// A request that takes no more than a name.
template <class Request>
std::function<Request(Dice&, const World&)> Named(std::string (*name)(Dice&, const World&)) {
  return [name](Dice& dice, const World& world) {
    Request request;
    request.set_name(name(dice, world));
    return request;
  };
}

std::vector<Verb> MakeVerbs() {
  return {
      VerbOf<v1::AssignServicePlanRequest>(60, RandomAssign),
      VerbOf<v1::UpdateSubscriptionRequest>(50, RandomUpdate),
      VerbOf<v1::RenewSubscriptionRequest>(20, RandomRenew),
      VerbOf<v1::SuspendSubscriptionRequest>(16, RandomSuspend),
      VerbOf<v1::UnsuspendSubscriptionRequest>(14, RandomUnsuspend),
      VerbOf<v1::CancelSubscriptionRequest>(6, RandomCancel),
      VerbOf<v1::ChangeServicePlanRequest>(10, RandomChangePlan),
      VerbOf<v1::ApplyPlanUpdatesRequest>(40, RandomApplyUpdates),
      VerbOf<v1::BatchUpdateSubscriptionsRequest>(12, RandomBatch),
      VerbOf<v1::CancelScheduledChangeRequest>(6, RandomCancelChange),

      VerbOf<v1::ActivateLicenseRequest>(8, RandomActivate),
      VerbOf<v1::DeleteUnbundledLicenseRequest>(5, RandomDeleteLicense),
      VerbOf<v1::ReportUsageRequest>(8, RandomReportUsage),
      VerbOf<v1::UpdateLicensePoolRequest>(6, RandomUpdatePool),
      VerbOf<v1::AddLicensePoolUnitsRequest>(8, RandomAddUnits),
      VerbOf<v1::CreateRegistrationKeyRequest>(5, RandomCreateKey),
      VerbOf<v1::UpdateRegistrationKeyRequest>(3, RandomUpdateKey),
      VerbOf<v1::VoidRegistrationKeyRequest>(2, RandomVoidKey),
      VerbOf<v1::RedeemRegistrationKeyRequest>(7, RandomRedeemKey),

      VerbOf<v1::CreateCustomerRequest>(6, RandomCreateCustomer),
      VerbOf<v1::UpdateCustomerRequest>(6, RandomUpdateCustomer),
      VerbOf<v1::DisableCustomerRequest>(4, Named<v1::DisableCustomerRequest>(CustomerToDisable)),
      VerbOf<v1::EnableCustomerRequest>(6, Named<v1::EnableCustomerRequest>(DisabledCustomer)),
      VerbOf<v1::DeleteCustomerRequest>(6, RandomDeleteCustomer),
      VerbOf<v1::UndeleteCustomerRequest>(4, Named<v1::UndeleteCustomerRequest>(DeletedCustomer)),
      VerbOf<v1::SuspendPartnerRequest>(2, Named<v1::SuspendPartnerRequest>(SomePartner)),
      VerbOf<v1::ResumePartnerRequest>(60, Named<v1::ResumePartnerRequest>(SuspendedPartner)),

      VerbOf<v1::ChangeSuiteComponentsRequest>(8, RandomChangeSuite),
      VerbOf<v1::CreateServicePlanRequest>(4, RandomCreatePlan),
      VerbOf<v1::UpdateServicePlanRequest>(4, RandomUpdatePlan),
      VerbOf<v1::ApproveServicePlanRequest>(30, Named<v1::ApproveServicePlanRequest>(LockedPlan)),
      VerbOf<v1::EnableServicePlanRequest>(6, Named<v1::EnableServicePlanRequest>(DisabledPlan)),
      VerbOf<v1::DisableServicePlanRequest>(3, Named<v1::DisableServicePlanRequest>(SomePlan)),
      VerbOf<v1::DeleteServicePlanRequest>(4, Named<v1::DeleteServicePlanRequest>(SomePlan)),
  };
}

// What ends a whole history's fun: seldom, as a verb of its own kind.
std::vector<Verb> MakeFinalVerbs() {
  return {
      VerbOf<v1::CancelPartnerRequest>(1, Named<v1::CancelPartnerRequest>(SomePartner)),
      VerbOf<v1::EndProductSaleRequest>(3, Named<v1::EndProductSaleRequest>(SomeProduct)),
      VerbOf<v1::EndProductLifeRequest>(6, RandomEndProductLife),
  };
}

}  // namespace

const std::vector<Verb>& AllVerbs() {
  static const auto& verbs = *new std::vector<Verb>(MakeVerbs());
  return verbs;
}

const std::vector<Verb>& FinalVerbs() {
  static const auto& verbs = *new std::vector<Verb>(MakeFinalVerbs());
  return verbs;
}

}  // namespace lmp::random_test

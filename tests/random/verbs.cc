// The table of verbs: one entry for each. A new verb needs its line here, its Predict in model_requests.h, and its random
// request in requests.h, unless it takes no more than a name.
#include "server/domain/catalogue_verbs.h"
#include "server/domain/customer.h"
#include "server/domain/customer_verbs.h"
#include "server/domain/license_verbs.h"
#include "server/domain/partner_verbs.h"
#include "server/domain/plan_assignment.h"
#include "server/domain/plan_updates.h"
#include "server/domain/pool_verbs.h"
#include "server/domain/registration_key.h"
#include "server/domain/service_plan.h"
#include "server/domain/subscription_batch.h"
#include "server/domain/subscription_verbs.h"
#include "server/wire/page_token.h"
#include "server/wire/plan_requests.h"
#include "server/wire/requests.h"
#include "server/wire/responses.h"
#include "server/wire/verb_requests.h"
#include "storage/status_macros.h"
#include "tests/random/model_requests.h"
#include "tests/random/requests.h"
#include "tests/random/step.h"

namespace lmp::random_test {
namespace {

using google::protobuf::Message;

template <class Request, class Response, class Command, class Result>
Verb VerbOf(const char* method, const char* event_kind,
            absl::StatusOr<Result> (*decide)(model::World&, const Command&, const domain::Env&), int weight,
            std::function<Request(Dice&, const World&)> generate) {
  Verb verb{.method = method, .weight = weight};
  verb.generate = [generate](Dice& dice, const World& world) -> MessagePtr {
    return std::make_shared<Request>(generate(dice, world));
  };
  verb.predict = [](const Message& request, World& world, Verdict& verdict) {
    Predict(static_cast<const Request&>(request), world, verdict);
  };
  verb.new_response = [] { return std::make_shared<Response>(); };
  verb.mutate = [=](const Message& message, const std::string& new_id) -> absl::StatusOr<engine::Mutation> {
    const auto& request = static_cast<const Request&>(message);
    absl::StatusOr<Command> command = absl::UnknownError("");
    if constexpr (requires { wire::Parse(request, new_id); }) {
      command = wire::Parse(request, new_id);
    } else {
      command = wire::ParseNamed<Command>(request);
    }
    const absl::StatusOr<wire::Asked> asked = wire::ParseAsked(request);
    RETURN_IF_ERROR(wire::BothInvalid(asked.status(), command.status()));
    std::string kind = event_kind;
    if constexpr (requires { command->event_kind(); }) kind = command->event_kind();
    engine::Mutation mutation;
    mutation.caller = {.actor = "tester"};
    mutation.method = method;
    mutation.event_kind = kind;
    mutation.request_id = request.request_id();
    mutation.fingerprint = wire::Fingerprint(request, {"request_id"});
    mutation.validate_only = request.validate_only();
    mutation.footprint = command->footprint();
    mutation.decide = [command = *command, decide, asked = *asked](
                          model::World& world, const domain::Env& env) -> absl::StatusOr<engine::Render> {
      ASSIGN_OR_RETURN(Result result, decide(world, command, env));
      return engine::Render([result = std::move(result), asked](const engine::Decided& decided) {
        return wire::RenderAnswer<Response>(decided, result, asked);
      });
    };
    return mutation;
  };
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
  using Changed = v1::SubscriptionChangeResponse;
  return {
      VerbOf<v1::AssignServicePlanRequest, v1::AssignServicePlanResponse>("AssignServicePlan", "SERVICE_PLAN_ASSIGNED", domain::AssignServicePlan, 60, RandomAssign),
      VerbOf<v1::UpdateSubscriptionRequest, Changed>("UpdateSubscription", "SUBSCRIPTION_UPDATED", domain::UpdateSubscription, 50, RandomUpdate),
      VerbOf<v1::RenewSubscriptionRequest, Changed>("RenewSubscription", "SUBSCRIPTION_RENEWED", domain::RenewSubscription, 20, RandomRenew),
      VerbOf<v1::SuspendSubscriptionRequest, Changed>("SuspendSubscription", "SUBSCRIPTION_SUSPENDED", domain::SuspendSubscription, 16, RandomSuspend),
      VerbOf<v1::UnsuspendSubscriptionRequest, Changed>("UnsuspendSubscription", "SUBSCRIPTION_UNSUSPENDED", domain::UnsuspendSubscription, 14, RandomUnsuspend),
      VerbOf<v1::CancelSubscriptionRequest, Changed>("CancelSubscription", "SUBSCRIPTION_CANCELED", domain::CancelSubscription, 6, RandomCancel),
      VerbOf<v1::ChangeServicePlanRequest, Changed>("ChangeServicePlan", "SERVICE_PLAN_CHANGED", domain::ChangeServicePlan, 10, RandomChangePlan),
      VerbOf<v1::ApplyPlanUpdatesRequest, v1::ApplyPlanUpdatesResponse>("ApplyPlanUpdates", "PLAN_UPDATES_APPLIED", domain::ApplyPlanUpdates, 40, RandomApplyUpdates),
      VerbOf<v1::BatchUpdateSubscriptionsRequest, v1::BatchUpdateSubscriptionsResponse>("BatchUpdateSubscriptions", "", domain::BatchUpdateSubscriptions, 12, RandomBatch),
      VerbOf<v1::CancelScheduledChangeRequest, v1::ScheduledChange>("CancelScheduledChange", "SCHEDULED_CHANGE_CANCELED", domain::CancelScheduledChange, 6, RandomCancelChange),

      VerbOf<v1::ActivateLicenseRequest, v1::License>("ActivateLicense", "LICENSE_ACTIVATED", domain::ActivateLicense, 8, RandomActivate),
      VerbOf<v1::DeleteUnbundledLicenseRequest, v1::License>("DeleteUnbundledLicense", "LICENSE_DELETED", domain::DeleteUnbundledLicense, 5, RandomDeleteLicense),
      VerbOf<v1::ReportUsageRequest, v1::License>("ReportUsage", "USAGE_REPORTED", domain::ReportUsage, 8, RandomReportUsage),
      VerbOf<v1::UpdateLicensePoolRequest, v1::LicensePool>("UpdateLicensePool", "LICENSE_POOL_UPDATED", domain::UpdateLicensePool, 6, RandomUpdatePool),
      VerbOf<v1::AddLicensePoolUnitsRequest, v1::LicensePool>("AddLicensePoolUnits", "LICENSE_POOL_UNITS_ADDED", domain::AddLicensePoolUnits, 8, RandomAddUnits),
      VerbOf<v1::CreateRegistrationKeyRequest, v1::RegistrationKey>("CreateRegistrationKey", "REGISTRATION_KEY_CREATED", domain::CreateRegistrationKey, 5, RandomCreateKey),
      VerbOf<v1::UpdateRegistrationKeyRequest, v1::RegistrationKey>("UpdateRegistrationKey", "REGISTRATION_KEY_UPDATED", domain::UpdateRegistrationKey, 3, RandomUpdateKey),
      VerbOf<v1::VoidRegistrationKeyRequest, v1::RegistrationKey>("VoidRegistrationKey", "REGISTRATION_KEY_VOIDED", domain::VoidRegistrationKey, 2, RandomVoidKey),
      VerbOf<v1::RedeemRegistrationKeyRequest, v1::RedeemRegistrationKeyResponse>("RedeemRegistrationKey", "REGISTRATION_KEY_REDEEMED", domain::RedeemRegistrationKey, 7, RandomRedeemKey),

      VerbOf<v1::CreateCustomerRequest, v1::Customer>("CreateCustomer", "CUSTOMER_CREATED", domain::CreateCustomer, 6, RandomCreateCustomer),
      VerbOf<v1::UpdateCustomerRequest, v1::Customer>("UpdateCustomer", "CUSTOMER_UPDATED", domain::UpdateCustomer, 6, RandomUpdateCustomer),
      VerbOf<v1::DisableCustomerRequest, v1::Customer>("DisableCustomer", "CUSTOMER_DISABLED", domain::DisableCustomer, 4, Named<v1::DisableCustomerRequest>(CustomerToDisable)),
      VerbOf<v1::EnableCustomerRequest, v1::Customer>("EnableCustomer", "CUSTOMER_ENABLED", domain::EnableCustomer, 6, Named<v1::EnableCustomerRequest>(DisabledCustomer)),
      VerbOf<v1::DeleteCustomerRequest, v1::Customer>("DeleteCustomer", "CUSTOMER_DELETED", domain::DeleteCustomer, 6, RandomDeleteCustomer),
      VerbOf<v1::UndeleteCustomerRequest, v1::Customer>("UndeleteCustomer", "CUSTOMER_UNDELETED", domain::UndeleteCustomer, 4, Named<v1::UndeleteCustomerRequest>(DeletedCustomer)),
      VerbOf<v1::SuspendPartnerRequest, v1::Partner>("SuspendPartner", "PARTNER_SUSPENDED", domain::SuspendPartner, 2, Named<v1::SuspendPartnerRequest>(SomePartner)),
      VerbOf<v1::ResumePartnerRequest, v1::Partner>("ResumePartner", "PARTNER_RESUMED", domain::ResumePartner, 60, Named<v1::ResumePartnerRequest>(SuspendedPartner)),

      VerbOf<v1::ChangeSuiteComponentsRequest, v1::Product>("ChangeSuiteComponents", "SUITE_COMPONENTS_CHANGED", domain::ChangeSuiteComponents, 8, RandomChangeSuite),
      VerbOf<v1::CreateServicePlanRequest, v1::ServicePlan>("CreateServicePlan", "SERVICE_PLAN_CREATED", domain::CreateServicePlan, 4, RandomCreatePlan),
      VerbOf<v1::UpdateServicePlanRequest, v1::ServicePlan>("UpdateServicePlan", "SERVICE_PLAN_UPDATED", domain::UpdateServicePlan, 4, RandomUpdatePlan),
      VerbOf<v1::ApproveServicePlanRequest, v1::ServicePlan>("ApproveServicePlan", "SERVICE_PLAN_APPROVED", domain::ApproveServicePlan, 30, Named<v1::ApproveServicePlanRequest>(LockedPlan)),
      VerbOf<v1::EnableServicePlanRequest, v1::ServicePlan>("EnableServicePlan", "SERVICE_PLAN_ENABLED", domain::EnableServicePlan, 6, Named<v1::EnableServicePlanRequest>(DisabledPlan)),
      VerbOf<v1::DisableServicePlanRequest, v1::ServicePlan>("DisableServicePlan", "SERVICE_PLAN_DISABLED", domain::DisableServicePlan, 3, Named<v1::DisableServicePlanRequest>(SomePlan)),
      VerbOf<v1::DeleteServicePlanRequest, v1::ServicePlan>("DeleteServicePlan", "SERVICE_PLAN_DELETED", domain::DeleteServicePlan, 4, Named<v1::DeleteServicePlanRequest>(SomePlan)),
  };
}

// What ends a whole history's fun: seldom, as a verb of its own kind.
std::vector<Verb> MakeFinalVerbs() {
  return {
      VerbOf<v1::CancelPartnerRequest, v1::Partner>("CancelPartner", "PARTNER_CANCELED", domain::CancelPartner, 1, Named<v1::CancelPartnerRequest>(SomePartner)),
      VerbOf<v1::EndProductSaleRequest, v1::Product>("EndProductSale", "PRODUCT_SALE_ENDED", domain::EndProductSale, 3, Named<v1::EndProductSaleRequest>(SomeProduct)),
      VerbOf<v1::EndProductLifeRequest, v1::Product>("EndProductLife", "PRODUCT_LIFE_ENDED", domain::EndProductLife, 6, RandomEndProductLife),
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

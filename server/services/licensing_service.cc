#include "server/services/licensing_service.h"

#include <string>
#include <utility>

#include "server/domain/catalogue_verbs.h"
#include "server/domain/license_verbs.h"
#include "server/domain/plan_assignment.h"
#include "server/domain/pool_verbs.h"
#include "server/domain/product.h"
#include "server/domain/plan_updates.h"
#include "server/domain/registration_key.h"
#include "server/domain/service_plan.h"
#include "server/domain/subscription_batch.h"
#include "server/domain/subscription_verbs.h"
#include "server/services/catalogue_reads.h"
#include "server/services/history_reads.h"
#include "server/services/license_reads.h"
#include "server/services/listings.h"
#include "server/services/plan_rollout.h"
#include "server/services/token_service.h"
#include "server/services/usage_reads.h"
#include "server/wire/fields.h"
#include "server/wire/license_tokens.h"

namespace lmp::server {

LicensingService::LicensingService(Engines engines, TokenKeys& token_keys)
    : RpcService("lmp.v1.LicensingService", engines) {
  AddMutation<v1::CreateProductRequest, v1::Product>("CreateProduct", "PRODUCT_CREATED", domain::CreateProduct);
  AddQuery("GetProduct", engines.reads, ParseGetProduct, FootprintOfProduct, AnswerGetProduct);
  AddListing("ListProducts", Products());
  AddMutation<v1::UpdateProductRequest, v1::Product>("UpdateProduct", "PRODUCT_UPDATED", domain::UpdateProduct);
  AddMutation<v1::ChangeSuiteComponentsRequest, v1::Product>("ChangeSuiteComponents", "SUITE_COMPONENTS_CHANGED", domain::ChangeSuiteComponents);
  AddMutation<v1::EndProductSaleRequest, v1::Product>("EndProductSale", "PRODUCT_SALE_ENDED", domain::EndProductSale);
  AddMutation<v1::EndProductLifeRequest, v1::Product>("EndProductLife", "PRODUCT_LIFE_ENDED", domain::EndProductLife);

  AddMutation<v1::CreateServicePlanRequest, v1::ServicePlan>("CreateServicePlan", "SERVICE_PLAN_CREATED",
                                                             domain::CreateServicePlan);
  AddQuery("GetServicePlan", engines.reads, ParseGetServicePlan, FootprintOfServicePlan, AnswerGetServicePlan);
  AddListing("ListServicePlans", ServicePlans());
  AddMutation<v1::UpdateServicePlanRequest, v1::ServicePlan>("UpdateServicePlan", "SERVICE_PLAN_UPDATED",
                                                             domain::UpdateServicePlan);
  AddMutation<v1::EnableServicePlanRequest, v1::ServicePlan>("EnableServicePlan", "SERVICE_PLAN_ENABLED", domain::EnableServicePlan);
  AddMutation<v1::DisableServicePlanRequest, v1::ServicePlan>("DisableServicePlan", "SERVICE_PLAN_DISABLED", domain::DisableServicePlan);
  AddMutation<v1::DeleteServicePlanRequest, v1::ServicePlan>("DeleteServicePlan", "SERVICE_PLAN_DELETED", domain::DeleteServicePlan);
  AddMutation<v1::ApproveServicePlanRequest, v1::ServicePlan>("ApproveServicePlan", "SERVICE_PLAN_APPROVED", domain::ApproveServicePlan);
  Add<v1::ListAssignableServicePlansRequest>(
      "ListAssignableServicePlans", [this](Call* call, const auto& request) {
        const auto id = wire::ParseName("customer", request.customer(), "customers");
        if (!id.ok()) return call->Answer(id.status());
        SubmitList<v1::ListAssignableServicePlansResponse>(call, [id = *id](const Reading& reading, auto* response) {
          return FillAssignable(reading, id, response);
        });
      });

  AddMutation<v1::AssignServicePlanRequest, v1::AssignServicePlanResponse>(
      "AssignServicePlan", "SERVICE_PLAN_ASSIGNED", domain::AssignServicePlan);
  AddQuery("GetSubscription", engines.reads, ParseGetSubscription, FootprintOfCustomerRow, AnswerGetSubscription);
  AddListing("ListSubscriptions", Subscriptions());
  AddMutation<v1::UpdateSubscriptionRequest, v1::SubscriptionChangeResponse>("UpdateSubscription", "SUBSCRIPTION_UPDATED", domain::UpdateSubscription);
  AddMutation<v1::ChangeServicePlanRequest, v1::SubscriptionChangeResponse>("ChangeServicePlan", "SERVICE_PLAN_CHANGED", domain::ChangeServicePlan);
  AddMutation<v1::RenewSubscriptionRequest, v1::SubscriptionChangeResponse>("RenewSubscription", "SUBSCRIPTION_RENEWED", domain::RenewSubscription);
  AddMutation<v1::SuspendSubscriptionRequest, v1::SubscriptionChangeResponse>("SuspendSubscription", "SUBSCRIPTION_SUSPENDED", domain::SuspendSubscription);
  AddMutation<v1::UnsuspendSubscriptionRequest, v1::SubscriptionChangeResponse>("UnsuspendSubscription", "SUBSCRIPTION_UNSUSPENDED", domain::UnsuspendSubscription);
  AddMutation<v1::CancelSubscriptionRequest, v1::SubscriptionChangeResponse>("CancelSubscription", "SUBSCRIPTION_CANCELED", domain::CancelSubscription);
  AddMutation<v1::ApplyPlanUpdatesRequest, v1::ApplyPlanUpdatesResponse>("ApplyPlanUpdates", kPlanUpdatesApplied, domain::ApplyPlanUpdates);
  Add<v1::BatchApplyPlanUpdatesRequest>("BatchApplyPlanUpdates", [engines](Call* call, const auto& request) {
    StartPlanRollout(engines, call, request);
  });
  AddMutation<v1::BatchUpdateSubscriptionsRequest, v1::BatchUpdateSubscriptionsResponse>("BatchUpdateSubscriptions", "", domain::BatchUpdateSubscriptions);
  AddListing("ListScheduledChanges", ScheduledChanges());
  AddMutation<v1::CancelScheduledChangeRequest, v1::ScheduledChange>("CancelScheduledChange", "SCHEDULED_CHANGE_CANCELED", domain::CancelScheduledChange);

  AddQuery("GetLicense", engines.reads, ParseGetLicense, FootprintOfCustomerRow, AnswerGetLicense);
  AddListing("ListLicenses", Licenses());
  AddQuery("CheckLicense", engines.checks, ParseCheckLicense, FootprintOfCheck, AnswerCheckLicense);
  AddQuery("BatchCheckLicenses", engines.checks, ParseBatchCheckLicenses, FootprintOfChecks, AnswerBatchCheckLicenses);
  AddMutation<v1::ActivateLicenseRequest, v1::License>("ActivateLicense", "LICENSE_ACTIVATED", domain::ActivateLicense);
  AddMutation<v1::DeleteUnbundledLicenseRequest, v1::License>("DeleteUnbundledLicense", "LICENSE_DELETED", domain::DeleteUnbundledLicense);
  AddMutation<v1::ReportUsageRequest, v1::License>("ReportUsage", "USAGE_REPORTED", domain::ReportUsage);

  AddQuery("GetLicensePool", engines.reads, ParseGetLicensePool, FootprintOfPool, AnswerGetLicensePool);
  AddListing("ListLicensePools", LicensePools());
  AddMutation<v1::UpdateLicensePoolRequest, v1::LicensePool>("UpdateLicensePool", "LICENSE_POOL_UPDATED", domain::UpdateLicensePool);
  AddMutation<v1::AddLicensePoolUnitsRequest, v1::LicensePool>("AddLicensePoolUnits", "LICENSE_POOL_UNITS_ADDED", domain::AddLicensePoolUnits);

  AddMutation<v1::CreateRegistrationKeyRequest, v1::RegistrationKey>("CreateRegistrationKey", "REGISTRATION_KEY_CREATED", domain::CreateRegistrationKey);
  AddQuery("GetRegistrationKey", engines.reads, ParseGetRegistrationKey, FootprintOfRegistrationKey, AnswerGetRegistrationKey);
  AddListing("ListRegistrationKeys", RegistrationKeys());
  AddMutation<v1::UpdateRegistrationKeyRequest, v1::RegistrationKey>("UpdateRegistrationKey", "REGISTRATION_KEY_UPDATED", domain::UpdateRegistrationKey);
  AddMutation<v1::VoidRegistrationKeyRequest, v1::RegistrationKey>("VoidRegistrationKey", "REGISTRATION_KEY_VOIDED", domain::VoidRegistrationKey);
  AddMutation<v1::RedeemRegistrationKeyRequest, v1::RedeemRegistrationKeyResponse>("RedeemRegistrationKey", "REGISTRATION_KEY_REDEEMED", domain::RedeemRegistrationKey);

  AddList("GetUsageReport", CheckGetUsageReport, GetUsageReport);
  AddLookup("GetEvent", ParseGetEvent, GetEvent);
  AddList("ListEvents", CheckListEvents, ListEvents);
  AddLookup("ExplainLicense", ParseExplainLicense, ExplainLicense);

  AddTokens(engines.writes, token_keys);
}

void LicensingService::AddTokens(engine::WriteEngine& writes, TokenKeys& token_keys) {
  Add<v1::IssueLicenseTokenRequest>("IssueLicenseToken", [&writes, &token_keys](Call* call, const auto& request) {
    const auto command = wire::Parse(request);
    const absl::StatusOr<wire::Asked> asked = wire::ParseAsked(request);
    const absl::Status status = wire::BothInvalid(asked.status(), command.status());
    if (!status.ok()) return call->Answer(status);
    engine::Mutation mutation = NewMutation(call, request, "IssueLicenseToken", kLicenseTokenIssued);
    mutation.footprint = command->footprint();
    mutation.decide = DecideLicenseToken(*command, token_keys.Current(), *asked);
    writes.Submit(std::move(mutation));
  });
  Add<v1::ListLicenseTokenKeysRequest>("ListLicenseTokenKeys", [&token_keys](Call* call, const auto& request) {
    call->Answer(AnswerLicenseTokenKeys(*token_keys.Current(), request));
  });
  Add<v1::GetLicenseRevocationListRequest>(
      "GetLicenseRevocationList", [this, &token_keys](Call* call, const auto& request) {
        const absl::Status status = CheckRevocationList(request);
        if (!status.ok()) return call->Answer(status);
        SubmitList<v1::GetLicenseRevocationListResponse>(
            call, [keys = token_keys.Current(), request](const Reading& reading, auto* response) {
              return FillRevocationList(reading, *keys, request, response);
            });
      });
}

}  // namespace lmp::server

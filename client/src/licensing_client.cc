#include "lmp/licensing_client.h"

#include "client/src/typed_call.h"

namespace lmp::client {

absl::StatusOr<v1::Product> LicensingClient::CreateProduct(const v1::CreateProductRequest& request,
                                                           const CallOptions& options) const {
  return TypedCall<v1::Product>(*connection_, "/lmp.v1.LicensingService/CreateProduct", request, options);
}

absl::StatusOr<v1::Product> LicensingClient::GetProduct(const v1::GetProductRequest& request,
                                                        const CallOptions& options) const {
  return TypedCall<v1::Product>(*connection_, "/lmp.v1.LicensingService/GetProduct", request, options);
}

absl::StatusOr<v1::ListProductsResponse> LicensingClient::ListProducts(const v1::ListProductsRequest& request,
                                                                       const CallOptions& options) const {
  return TypedCall<v1::ListProductsResponse>(*connection_, "/lmp.v1.LicensingService/ListProducts", request, options);
}

absl::StatusOr<v1::Product> LicensingClient::UpdateProduct(const v1::UpdateProductRequest& request,
                                                           const CallOptions& options) const {
  return TypedCall<v1::Product>(*connection_, "/lmp.v1.LicensingService/UpdateProduct", request, options);
}

absl::StatusOr<v1::ServicePlan> LicensingClient::CreateServicePlan(const v1::CreateServicePlanRequest& request,
                                                                   const CallOptions& options) const {
  return TypedCall<v1::ServicePlan>(*connection_, "/lmp.v1.LicensingService/CreateServicePlan", request, options);
}

absl::StatusOr<v1::ServicePlan> LicensingClient::GetServicePlan(const v1::GetServicePlanRequest& request,
                                                                const CallOptions& options) const {
  return TypedCall<v1::ServicePlan>(*connection_, "/lmp.v1.LicensingService/GetServicePlan", request, options);
}

absl::StatusOr<v1::ListServicePlansResponse> LicensingClient::ListServicePlans(
    const v1::ListServicePlansRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ListServicePlansResponse>(*connection_, "/lmp.v1.LicensingService/ListServicePlans",
                                                 request, options);
}

absl::StatusOr<v1::ServicePlan> LicensingClient::UpdateServicePlan(const v1::UpdateServicePlanRequest& request,
                                                                   const CallOptions& options) const {
  return TypedCall<v1::ServicePlan>(*connection_, "/lmp.v1.LicensingService/UpdateServicePlan", request, options);
}

absl::StatusOr<v1::ListAssignableServicePlansResponse> LicensingClient::ListAssignableServicePlans(
    const v1::ListAssignableServicePlansRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ListAssignableServicePlansResponse>(
      *connection_, "/lmp.v1.LicensingService/ListAssignableServicePlans", request, options);
}

absl::StatusOr<v1::AssignServicePlanResponse> LicensingClient::AssignServicePlan(
    const v1::AssignServicePlanRequest& request, const CallOptions& options) const {
  return TypedCall<v1::AssignServicePlanResponse>(*connection_, "/lmp.v1.LicensingService/AssignServicePlan",
                                                  request, options);
}

absl::StatusOr<v1::Subscription> LicensingClient::GetSubscription(const v1::GetSubscriptionRequest& request,
                                                                  const CallOptions& options) const {
  return TypedCall<v1::Subscription>(*connection_, "/lmp.v1.LicensingService/GetSubscription", request, options);
}

absl::StatusOr<v1::ListSubscriptionsResponse> LicensingClient::ListSubscriptions(
    const v1::ListSubscriptionsRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ListSubscriptionsResponse>(*connection_, "/lmp.v1.LicensingService/ListSubscriptions",
                                                  request, options);
}

absl::StatusOr<v1::License> LicensingClient::GetLicense(const v1::GetLicenseRequest& request,
                                                        const CallOptions& options) const {
  return TypedCall<v1::License>(*connection_, "/lmp.v1.LicensingService/GetLicense", request, options);
}

absl::StatusOr<v1::ListLicensesResponse> LicensingClient::ListLicenses(const v1::ListLicensesRequest& request,
                                                                       const CallOptions& options) const {
  return TypedCall<v1::ListLicensesResponse>(*connection_, "/lmp.v1.LicensingService/ListLicenses", request, options);
}

absl::StatusOr<v1::CheckLicenseResponse> LicensingClient::CheckLicense(const v1::CheckLicenseRequest& request,
                                                                       const CallOptions& options) const {
  return TypedCall<v1::CheckLicenseResponse>(*connection_, "/lmp.v1.LicensingService/CheckLicense", request, options);
}

absl::StatusOr<v1::Product> LicensingClient::ChangeSuiteComponents(
    const v1::ChangeSuiteComponentsRequest& request, const CallOptions& options) const {
  return TypedCall<v1::Product>(*connection_, "/lmp.v1.LicensingService/ChangeSuiteComponents", request, options);
}

absl::StatusOr<v1::Product> LicensingClient::EndProductSale(
    const v1::EndProductSaleRequest& request, const CallOptions& options) const {
  return TypedCall<v1::Product>(*connection_, "/lmp.v1.LicensingService/EndProductSale", request, options);
}

absl::StatusOr<v1::Product> LicensingClient::EndProductLife(
    const v1::EndProductLifeRequest& request, const CallOptions& options) const {
  return TypedCall<v1::Product>(*connection_, "/lmp.v1.LicensingService/EndProductLife", request, options);
}

absl::StatusOr<v1::ServicePlan> LicensingClient::EnableServicePlan(
    const v1::EnableServicePlanRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ServicePlan>(*connection_, "/lmp.v1.LicensingService/EnableServicePlan", request, options);
}

absl::StatusOr<v1::ServicePlan> LicensingClient::DisableServicePlan(
    const v1::DisableServicePlanRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ServicePlan>(*connection_, "/lmp.v1.LicensingService/DisableServicePlan", request, options);
}

absl::StatusOr<v1::ServicePlan> LicensingClient::DeleteServicePlan(
    const v1::DeleteServicePlanRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ServicePlan>(*connection_, "/lmp.v1.LicensingService/DeleteServicePlan", request, options);
}

absl::StatusOr<v1::ServicePlan> LicensingClient::ApproveServicePlan(
    const v1::ApproveServicePlanRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ServicePlan>(*connection_, "/lmp.v1.LicensingService/ApproveServicePlan", request, options);
}

absl::StatusOr<v1::SubscriptionChangeResponse> LicensingClient::UpdateSubscription(
    const v1::UpdateSubscriptionRequest& request, const CallOptions& options) const {
  return TypedCall<v1::SubscriptionChangeResponse>(*connection_, "/lmp.v1.LicensingService/UpdateSubscription", request, options);
}

absl::StatusOr<v1::SubscriptionChangeResponse> LicensingClient::ChangeServicePlan(
    const v1::ChangeServicePlanRequest& request, const CallOptions& options) const {
  return TypedCall<v1::SubscriptionChangeResponse>(*connection_, "/lmp.v1.LicensingService/ChangeServicePlan", request, options);
}

absl::StatusOr<v1::SubscriptionChangeResponse> LicensingClient::RenewSubscription(
    const v1::RenewSubscriptionRequest& request, const CallOptions& options) const {
  return TypedCall<v1::SubscriptionChangeResponse>(*connection_, "/lmp.v1.LicensingService/RenewSubscription", request, options);
}

absl::StatusOr<v1::SubscriptionChangeResponse> LicensingClient::SuspendSubscription(
    const v1::SuspendSubscriptionRequest& request, const CallOptions& options) const {
  return TypedCall<v1::SubscriptionChangeResponse>(*connection_, "/lmp.v1.LicensingService/SuspendSubscription", request, options);
}

absl::StatusOr<v1::SubscriptionChangeResponse> LicensingClient::UnsuspendSubscription(
    const v1::UnsuspendSubscriptionRequest& request, const CallOptions& options) const {
  return TypedCall<v1::SubscriptionChangeResponse>(*connection_, "/lmp.v1.LicensingService/UnsuspendSubscription", request, options);
}

absl::StatusOr<v1::SubscriptionChangeResponse> LicensingClient::CancelSubscription(
    const v1::CancelSubscriptionRequest& request, const CallOptions& options) const {
  return TypedCall<v1::SubscriptionChangeResponse>(*connection_, "/lmp.v1.LicensingService/CancelSubscription", request, options);
}

absl::StatusOr<v1::ListScheduledChangesResponse> LicensingClient::ListScheduledChanges(
    const v1::ListScheduledChangesRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ListScheduledChangesResponse>(*connection_, "/lmp.v1.LicensingService/ListScheduledChanges", request, options);
}

absl::StatusOr<v1::ScheduledChange> LicensingClient::CancelScheduledChange(
    const v1::CancelScheduledChangeRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ScheduledChange>(*connection_, "/lmp.v1.LicensingService/CancelScheduledChange", request, options);
}

absl::StatusOr<v1::BatchCheckLicensesResponse> LicensingClient::BatchCheckLicenses(
    const v1::BatchCheckLicensesRequest& request, const CallOptions& options) const {
  return TypedCall<v1::BatchCheckLicensesResponse>(*connection_, "/lmp.v1.LicensingService/BatchCheckLicenses", request, options);
}

absl::StatusOr<v1::License> LicensingClient::ActivateLicense(
    const v1::ActivateLicenseRequest& request, const CallOptions& options) const {
  return TypedCall<v1::License>(*connection_, "/lmp.v1.LicensingService/ActivateLicense", request, options);
}

absl::StatusOr<v1::License> LicensingClient::DeleteUnbundledLicense(
    const v1::DeleteUnbundledLicenseRequest& request, const CallOptions& options) const {
  return TypedCall<v1::License>(*connection_, "/lmp.v1.LicensingService/DeleteUnbundledLicense", request, options);
}

absl::StatusOr<v1::License> LicensingClient::ReportUsage(
    const v1::ReportUsageRequest& request, const CallOptions& options) const {
  return TypedCall<v1::License>(*connection_, "/lmp.v1.LicensingService/ReportUsage", request, options);
}

absl::StatusOr<v1::LicensePool> LicensingClient::GetLicensePool(
    const v1::GetLicensePoolRequest& request, const CallOptions& options) const {
  return TypedCall<v1::LicensePool>(*connection_, "/lmp.v1.LicensingService/GetLicensePool", request, options);
}

absl::StatusOr<v1::ListLicensePoolsResponse> LicensingClient::ListLicensePools(
    const v1::ListLicensePoolsRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ListLicensePoolsResponse>(*connection_, "/lmp.v1.LicensingService/ListLicensePools", request, options);
}

absl::StatusOr<v1::LicensePool> LicensingClient::UpdateLicensePool(
    const v1::UpdateLicensePoolRequest& request, const CallOptions& options) const {
  return TypedCall<v1::LicensePool>(*connection_, "/lmp.v1.LicensingService/UpdateLicensePool", request, options);
}

absl::StatusOr<v1::LicensePool> LicensingClient::AddLicensePoolUnits(
    const v1::AddLicensePoolUnitsRequest& request, const CallOptions& options) const {
  return TypedCall<v1::LicensePool>(*connection_, "/lmp.v1.LicensingService/AddLicensePoolUnits", request, options);
}

absl::StatusOr<v1::LicenseToken> LicensingClient::IssueLicenseToken(
    const v1::IssueLicenseTokenRequest& request, const CallOptions& options) const {
  return TypedCall<v1::LicenseToken>(*connection_, "/lmp.v1.LicensingService/IssueLicenseToken", request, options);
}

absl::StatusOr<v1::ListLicenseTokenKeysResponse> LicensingClient::ListLicenseTokenKeys(
    const v1::ListLicenseTokenKeysRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ListLicenseTokenKeysResponse>(*connection_, "/lmp.v1.LicensingService/ListLicenseTokenKeys", request, options);
}

absl::StatusOr<v1::GetLicenseRevocationListResponse> LicensingClient::GetLicenseRevocationList(
    const v1::GetLicenseRevocationListRequest& request, const CallOptions& options) const {
  return TypedCall<v1::GetLicenseRevocationListResponse>(*connection_, "/lmp.v1.LicensingService/GetLicenseRevocationList", request, options);
}

absl::StatusOr<v1::ApplyPlanUpdatesResponse> LicensingClient::ApplyPlanUpdates(
    const v1::ApplyPlanUpdatesRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ApplyPlanUpdatesResponse>(*connection_, "/lmp.v1.LicensingService/ApplyPlanUpdates", request, options);
}

absl::StatusOr<v1::BatchApplyPlanUpdatesResponse> LicensingClient::BatchApplyPlanUpdates(
    const v1::BatchApplyPlanUpdatesRequest& request, const CallOptions& options) const {
  return TypedCall<v1::BatchApplyPlanUpdatesResponse>(*connection_, "/lmp.v1.LicensingService/BatchApplyPlanUpdates", request, options);
}

absl::StatusOr<v1::BatchUpdateSubscriptionsResponse> LicensingClient::BatchUpdateSubscriptions(
    const v1::BatchUpdateSubscriptionsRequest& request, const CallOptions& options) const {
  return TypedCall<v1::BatchUpdateSubscriptionsResponse>(*connection_, "/lmp.v1.LicensingService/BatchUpdateSubscriptions", request, options);
}

absl::StatusOr<v1::RegistrationKey> LicensingClient::CreateRegistrationKey(
    const v1::CreateRegistrationKeyRequest& request, const CallOptions& options) const {
  return TypedCall<v1::RegistrationKey>(*connection_, "/lmp.v1.LicensingService/CreateRegistrationKey", request, options);
}

absl::StatusOr<v1::RegistrationKey> LicensingClient::GetRegistrationKey(
    const v1::GetRegistrationKeyRequest& request, const CallOptions& options) const {
  return TypedCall<v1::RegistrationKey>(*connection_, "/lmp.v1.LicensingService/GetRegistrationKey", request, options);
}

absl::StatusOr<v1::ListRegistrationKeysResponse> LicensingClient::ListRegistrationKeys(
    const v1::ListRegistrationKeysRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ListRegistrationKeysResponse>(*connection_, "/lmp.v1.LicensingService/ListRegistrationKeys", request, options);
}

absl::StatusOr<v1::RegistrationKey> LicensingClient::UpdateRegistrationKey(
    const v1::UpdateRegistrationKeyRequest& request, const CallOptions& options) const {
  return TypedCall<v1::RegistrationKey>(*connection_, "/lmp.v1.LicensingService/UpdateRegistrationKey", request, options);
}

absl::StatusOr<v1::RegistrationKey> LicensingClient::VoidRegistrationKey(
    const v1::VoidRegistrationKeyRequest& request, const CallOptions& options) const {
  return TypedCall<v1::RegistrationKey>(*connection_, "/lmp.v1.LicensingService/VoidRegistrationKey", request, options);
}

absl::StatusOr<v1::RedeemRegistrationKeyResponse> LicensingClient::RedeemRegistrationKey(
    const v1::RedeemRegistrationKeyRequest& request, const CallOptions& options) const {
  return TypedCall<v1::RedeemRegistrationKeyResponse>(*connection_, "/lmp.v1.LicensingService/RedeemRegistrationKey", request, options);
}

absl::StatusOr<v1::GetUsageReportResponse> LicensingClient::GetUsageReport(
    const v1::GetUsageReportRequest& request, const CallOptions& options) const {
  return TypedCall<v1::GetUsageReportResponse>(*connection_, "/lmp.v1.LicensingService/GetUsageReport", request, options);
}

absl::StatusOr<v1::Event> LicensingClient::GetEvent(
    const v1::GetEventRequest& request, const CallOptions& options) const {
  return TypedCall<v1::Event>(*connection_, "/lmp.v1.LicensingService/GetEvent", request, options);
}

absl::StatusOr<v1::ListEventsResponse> LicensingClient::ListEvents(
    const v1::ListEventsRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ListEventsResponse>(*connection_, "/lmp.v1.LicensingService/ListEvents", request, options);
}

absl::StatusOr<v1::ExplainLicenseResponse> LicensingClient::ExplainLicense(
    const v1::ExplainLicenseRequest& request, const CallOptions& options) const {
  return TypedCall<v1::ExplainLicenseResponse>(*connection_, "/lmp.v1.LicensingService/ExplainLicense", request, options);
}

}  // namespace lmp::client

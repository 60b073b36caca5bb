#ifndef LMP_LICENSING_CLIENT_H_
#define LMP_LICENSING_CLIENT_H_

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "lmp/connection.h"
#include "lmp/v1/licensing_service.pb.h"

namespace lmp::client {

// Products, service plans, subscriptions and licenses: lmp.v1.LicensingService. What each method takes, does and fails
// with is said in lmp/v1/licensing_service.proto; the client checks nothing itself. Cheap to copy, and safe for use by
// many threads.
class LicensingClient final {
 public:
  // `connection` must not be null: MakeConnection(options), or a mock.
  explicit LicensingClient(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  absl::StatusOr<v1::Product> CreateProduct(const v1::CreateProductRequest& request,
                                            const CallOptions& options = {}) const;
  absl::StatusOr<v1::Product> GetProduct(const v1::GetProductRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListProductsResponse> ListProducts(const v1::ListProductsRequest& request,
                                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::Product> UpdateProduct(const v1::UpdateProductRequest& request,
                                            const CallOptions& options = {}) const;
  absl::StatusOr<v1::ServicePlan> CreateServicePlan(const v1::CreateServicePlanRequest& request,
                                                    const CallOptions& options = {}) const;
  absl::StatusOr<v1::ServicePlan> GetServicePlan(const v1::GetServicePlanRequest& request,
                                                 const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListServicePlansResponse> ListServicePlans(const v1::ListServicePlansRequest& request,
                                                                const CallOptions& options = {}) const;
  absl::StatusOr<v1::ServicePlan> UpdateServicePlan(const v1::UpdateServicePlanRequest& request,
                                                    const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListAssignableServicePlansResponse> ListAssignableServicePlans(
      const v1::ListAssignableServicePlansRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::AssignServicePlanResponse> AssignServicePlan(const v1::AssignServicePlanRequest& request,
                                                                  const CallOptions& options = {}) const;
  absl::StatusOr<v1::Subscription> GetSubscription(const v1::GetSubscriptionRequest& request,
                                                   const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListSubscriptionsResponse> ListSubscriptions(const v1::ListSubscriptionsRequest& request,
                                                                  const CallOptions& options = {}) const;
  absl::StatusOr<v1::License> GetLicense(const v1::GetLicenseRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListLicensesResponse> ListLicenses(const v1::ListLicensesRequest& request,
                                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::CheckLicenseResponse> CheckLicense(const v1::CheckLicenseRequest& request,
                                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::Product> ChangeSuiteComponents(const v1::ChangeSuiteComponentsRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::Product> EndProductSale(const v1::EndProductSaleRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::Product> EndProductLife(const v1::EndProductLifeRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::ServicePlan> EnableServicePlan(const v1::EnableServicePlanRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::ServicePlan> DisableServicePlan(const v1::DisableServicePlanRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::ServicePlan> DeleteServicePlan(const v1::DeleteServicePlanRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::ServicePlan> ApproveServicePlan(const v1::ApproveServicePlanRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::SubscriptionChangeResponse> UpdateSubscription(const v1::UpdateSubscriptionRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::SubscriptionChangeResponse> ChangeServicePlan(const v1::ChangeServicePlanRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::SubscriptionChangeResponse> RenewSubscription(const v1::RenewSubscriptionRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::SubscriptionChangeResponse> SuspendSubscription(const v1::SuspendSubscriptionRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::SubscriptionChangeResponse> UnsuspendSubscription(const v1::UnsuspendSubscriptionRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::SubscriptionChangeResponse> CancelSubscription(const v1::CancelSubscriptionRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListScheduledChangesResponse> ListScheduledChanges(const v1::ListScheduledChangesRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::ScheduledChange> CancelScheduledChange(const v1::CancelScheduledChangeRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::BatchCheckLicensesResponse> BatchCheckLicenses(const v1::BatchCheckLicensesRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::License> ActivateLicense(const v1::ActivateLicenseRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::License> DeleteUnbundledLicense(const v1::DeleteUnbundledLicenseRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::License> ReportUsage(const v1::ReportUsageRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::LicensePool> GetLicensePool(const v1::GetLicensePoolRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListLicensePoolsResponse> ListLicensePools(const v1::ListLicensePoolsRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::LicensePool> UpdateLicensePool(const v1::UpdateLicensePoolRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::LicensePool> AddLicensePoolUnits(const v1::AddLicensePoolUnitsRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::LicenseToken> IssueLicenseToken(const v1::IssueLicenseTokenRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListLicenseTokenKeysResponse> ListLicenseTokenKeys(const v1::ListLicenseTokenKeysRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetLicenseRevocationListResponse> GetLicenseRevocationList(
      const v1::GetLicenseRevocationListRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::ApplyPlanUpdatesResponse> ApplyPlanUpdates(const v1::ApplyPlanUpdatesRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::BatchApplyPlanUpdatesResponse> BatchApplyPlanUpdates(const v1::BatchApplyPlanUpdatesRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::BatchUpdateSubscriptionsResponse> BatchUpdateSubscriptions(const v1::BatchUpdateSubscriptionsRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::RegistrationKey> CreateRegistrationKey(const v1::CreateRegistrationKeyRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::RegistrationKey> GetRegistrationKey(const v1::GetRegistrationKeyRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListRegistrationKeysResponse> ListRegistrationKeys(const v1::ListRegistrationKeysRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::RegistrationKey> UpdateRegistrationKey(const v1::UpdateRegistrationKeyRequest& request,
                                                            const CallOptions& options = {}) const;
  absl::StatusOr<v1::RegistrationKey> VoidRegistrationKey(const v1::VoidRegistrationKeyRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::RedeemRegistrationKeyResponse> RedeemRegistrationKey(const v1::RedeemRegistrationKeyRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetUsageReportResponse> GetUsageReport(const v1::GetUsageReportRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::Event> GetEvent(const v1::GetEventRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListEventsResponse> ListEvents(const v1::ListEventsRequest& request,
      const CallOptions& options = {}) const;
  absl::StatusOr<v1::ExplainLicenseResponse> ExplainLicense(const v1::ExplainLicenseRequest& request,
      const CallOptions& options = {}) const;

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace lmp::client

#endif  // LMP_LICENSING_CLIENT_H_

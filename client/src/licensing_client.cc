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

}  // namespace lmp::client

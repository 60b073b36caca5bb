// What each request does to the world: one function a verb. Each says in `verdict` whether it is refused, and if it is
// not, changes the world; what a refused one has done to it is to be thrown away. Time has passed for the customer
// before.
#ifndef LMP_TESTS_RANDOM_MODEL_REQUESTS_H_
#define LMP_TESTS_RANDOM_MODEL_REQUESTS_H_

#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "lmp/v1/registration_key.pb.h"
#include "tests/random/model.h"

namespace lmp::random_test {

void Predict(const v1::CreateCustomerRequest& request, World& world, Verdict& verdict);
void Predict(const v1::UpdateCustomerRequest& request, World& world, Verdict& verdict);
void Predict(const v1::DisableCustomerRequest& request, World& world, Verdict& verdict);
void Predict(const v1::EnableCustomerRequest& request, World& world, Verdict& verdict);
void Predict(const v1::DeleteCustomerRequest& request, World& world, Verdict& verdict);
void Predict(const v1::UndeleteCustomerRequest& request, World& world, Verdict& verdict);
void Predict(const v1::SuspendPartnerRequest& request, World& world, Verdict& verdict);
void Predict(const v1::ResumePartnerRequest& request, World& world, Verdict& verdict);
void Predict(const v1::CancelPartnerRequest& request, World& world, Verdict& verdict);

void Predict(const v1::ChangeSuiteComponentsRequest& request, World& world, Verdict& verdict);
void Predict(const v1::EndProductSaleRequest& request, World& world, Verdict& verdict);
void Predict(const v1::EndProductLifeRequest& request, World& world, Verdict& verdict);
void Predict(const v1::CreateServicePlanRequest& request, World& world, Verdict& verdict);
void Predict(const v1::UpdateServicePlanRequest& request, World& world, Verdict& verdict);
void Predict(const v1::EnableServicePlanRequest& request, World& world, Verdict& verdict);
void Predict(const v1::DisableServicePlanRequest& request, World& world, Verdict& verdict);
void Predict(const v1::DeleteServicePlanRequest& request, World& world, Verdict& verdict);
void Predict(const v1::ApproveServicePlanRequest& request, World& world, Verdict& verdict);

void Predict(const v1::AssignServicePlanRequest& request, World& world, Verdict& verdict);
void Predict(const v1::ApplyPlanUpdatesRequest& request, World& world, Verdict& verdict);
void Predict(const v1::UpdateSubscriptionRequest& request, World& world, Verdict& verdict);
void Predict(const v1::ChangeServicePlanRequest& request, World& world, Verdict& verdict);
void Predict(const v1::RenewSubscriptionRequest& request, World& world, Verdict& verdict);
void Predict(const v1::SuspendSubscriptionRequest& request, World& world, Verdict& verdict);
void Predict(const v1::UnsuspendSubscriptionRequest& request, World& world, Verdict& verdict);
void Predict(const v1::CancelSubscriptionRequest& request, World& world, Verdict& verdict);
void Predict(const v1::CancelScheduledChangeRequest& request, World& world, Verdict& verdict);
// Its action has no wrong fields of its own: whether those or the state of a subscription is told first is no rule.
void Predict(const v1::BatchUpdateSubscriptionsRequest& request, World& world, Verdict& verdict);

void Predict(const v1::ActivateLicenseRequest& request, World& world, Verdict& verdict);
void Predict(const v1::DeleteUnbundledLicenseRequest& request, World& world, Verdict& verdict);
void Predict(const v1::ReportUsageRequest& request, World& world, Verdict& verdict);
void Predict(const v1::UpdateLicensePoolRequest& request, World& world, Verdict& verdict);
void Predict(const v1::AddLicensePoolUnitsRequest& request, World& world, Verdict& verdict);

void Predict(const v1::CreateRegistrationKeyRequest& request, World& world, Verdict& verdict);
void Predict(const v1::UpdateRegistrationKeyRequest& request, World& world, Verdict& verdict);
void Predict(const v1::VoidRegistrationKeyRequest& request, World& world, Verdict& verdict);
void Predict(const v1::RedeemRegistrationKeyRequest& request, World& world, Verdict& verdict);

}  // namespace lmp::random_test

#endif  // LMP_TESTS_RANDOM_MODEL_REQUESTS_H_

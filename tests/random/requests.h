// Random requests: mostly such as a person might send, some that make no sense.
#ifndef LMP_TESTS_RANDOM_REQUESTS_H_
#define LMP_TESTS_RANDOM_REQUESTS_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "tests/random/step.h"

namespace lmp::random_test {

// The n-th customer of a history, from 1: of the reseller, or every fourth of the distributor.
v1::CreateCustomerRequest NewCustomer(int n);

v1::CreateCustomerRequest RandomCreateCustomer(Dice& dice, const World& world);
v1::UpdateCustomerRequest RandomUpdateCustomer(Dice& dice, const World& world);
v1::DeleteCustomerRequest RandomDeleteCustomer(Dice& dice, const World& world);
v1::CreateServicePlanRequest RandomCreatePlan(Dice& dice, const World& world);
v1::UpdateServicePlanRequest RandomUpdatePlan(Dice& dice, const World& world);
v1::ChangeSuiteComponentsRequest RandomChangeSuite(Dice& dice, const World& world);
v1::EndProductLifeRequest RandomEndProductLife(Dice& dice, const World& world);
v1::AssignServicePlanRequest RandomAssign(Dice& dice, const World& world);
v1::ApplyPlanUpdatesRequest RandomApplyUpdates(Dice& dice, const World& world);
v1::UpdateSubscriptionRequest RandomUpdate(Dice& dice, const World& world);
v1::RenewSubscriptionRequest RandomRenew(Dice& dice, const World& world);
v1::SuspendSubscriptionRequest RandomSuspend(Dice& dice, const World& world);
v1::UnsuspendSubscriptionRequest RandomUnsuspend(Dice& dice, const World& world);
v1::CancelSubscriptionRequest RandomCancel(Dice& dice, const World& world);
v1::ChangeServicePlanRequest RandomChangePlan(Dice& dice, const World& world);
v1::BatchUpdateSubscriptionsRequest RandomBatch(Dice& dice, const World& world);
v1::CancelScheduledChangeRequest RandomCancelChange(Dice& dice, const World& world);
v1::ActivateLicenseRequest RandomActivate(Dice& dice, const World& world);
v1::DeleteUnbundledLicenseRequest RandomDeleteLicense(Dice& dice, const World& world);
v1::ReportUsageRequest RandomReportUsage(Dice& dice, const World& world);
v1::UpdateLicensePoolRequest RandomUpdatePool(Dice& dice, const World& world);
v1::AddLicensePoolUnitsRequest RandomAddUnits(Dice& dice, const World& world);
v1::CreateRegistrationKeyRequest RandomCreateKey(Dice& dice, const World& world);
v1::UpdateRegistrationKeyRequest RandomUpdateKey(Dice& dice, const World& world);
v1::VoidRegistrationKeyRequest RandomVoidKey(Dice& dice, const World& world);
v1::RedeemRegistrationKeyRequest RandomRedeemKey(Dice& dice, const World& world);

inline constexpr int kNonsense = 40;  // one in so many names, numbers and dates makes no sense

template <class Map>
std::vector<typename Map::key_type> KeysOf(const Map& map) {
  std::vector<typename Map::key_type> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

inline std::string CustomerName(const std::string& id) { return absl::StrCat("customers/", id); }
inline std::string ProductName(const std::string& id) { return absl::StrCat("products/", id); }
inline std::string PlanName(const std::string& id) { return absl::StrCat("servicePlans/", id); }

// Names of something there is, or rarely of something there is not.
std::string SomeCustomer(Dice& dice, const World& world);
std::string SomeProduct(Dice& dice, const World& world);
std::string SomePlan(Dice& dice, const World& world);
std::string SomePartner(Dice& dice, const World& world);
// Such as a verb is for; of "nothing" if there is none. Rather one for whom something waits.
std::string CustomerToDisable(Dice& dice, const World& world);
std::string DisabledCustomer(Dice& dice, const World& world);
std::string DeletedCustomer(Dice& dice, const World& world);
std::string SuspendedPartner(Dice& dice, const World& world);
std::string LockedPlan(Dice& dice, const World& world);
std::string DisabledPlan(Dice& dice, const World& world);

}  // namespace lmp::random_test

#endif  // LMP_TESTS_RANDOM_REQUESTS_H_

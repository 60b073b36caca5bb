// Names of what there is; and random requests that make, change and delete customers and plans: names that are taken,
// given up and taken again.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/random/requests.h"

namespace lmp::random_test {
namespace {

constexpr int kMostCustomers = 12;
constexpr int kExternalIds = 4;
constexpr int kMorePlans = 12;

// Rather one that a deleted customer has, who may have to give it up.
std::string SomeExternalId(Dice& dice, const World& world) {
  std::vector<std::string> of_deleted;
  for (const auto& [id, customer] : world.customers) {
    if (customer.deleted.has_value() && !customer.external_id.empty()) of_deleted.push_back(customer.external_id);
  }
  if (!of_deleted.empty() && !dice.OneIn(3)) return dice.Pick(of_deleted);
  return absl::StrCat("erp-", dice.Between(1, kExternalIds));
}

// Rather one that a deleted plan had; or one that a plan has, or a new one.
std::string SomePlanName(Dice& dice, const World& world) {
  std::vector<std::string> had, has;
  for (const auto& [id, plan] : world.plans) (plan.deleted ? had : has).push_back(plan.display_name);
  if (!had.empty() && !dice.OneIn(3)) return dice.Pick(had);
  return dice.OneIn(3) && !has.empty() ? dice.Pick(has) : absl::StrCat("name ", dice.Between(1, 6));
}

// Of those that are enabled or not, for whom a scheduled change waits, of this day or before.
std::vector<std::string> Waiting(const World& world, bool enabled, Date day) {
  std::vector<std::string> ids;
  for (const auto& [key, change] : world.changes) {
    const Customer& customer = world.customers.at(key.first);
    const bool waits = change.state == "PENDING" && change.day <= day;
    if (waits && customer.enabled == enabled && !customer.deleted) ids.push_back(key.first);
  }
  return ids;
}

std::string CustomerWho(Dice& dice, const World& world, bool (*is)(const Customer&)) {
  std::vector<std::string> ids;
  for (const auto& [id, customer] : world.customers) {
    if (is(customer)) ids.push_back(id);
  }
  return ids.empty() || dice.OneIn(kNonsense) ? CustomerName("nothing") : CustomerName(dice.Pick(ids));
}

}  // namespace

std::string CustomerToDisable(Dice& dice, const World& world) {
  const std::vector<std::string> waiting = Waiting(world, true, Date::max());
  return waiting.empty() || dice.OneIn(2) ? SomeCustomer(dice, world) : CustomerName(dice.Pick(waiting));
}
std::string DisabledCustomer(Dice& dice, const World& world) {
  const std::vector<std::string> waiting = Waiting(world, false, world.today());
  if (!waiting.empty()) return CustomerName(dice.Pick(waiting));
  return CustomerWho(dice, world, [](const Customer& customer) { return !customer.enabled && !customer.deleted; });
}
std::string DeletedCustomer(Dice& dice, const World& world) {
  return CustomerWho(dice, world, [](const Customer& customer) { return customer.deleted.has_value(); });
}
std::string SuspendedPartner(Dice& dice, const World& world) {
  std::vector<std::string> ids;
  for (const auto& [id, partner] : world.partners) {
    if (partner.state == "SUSPENDED") ids.push_back(id);
  }
  return absl::StrCat("partners/", ids.empty() ? "nothing" : dice.Pick(ids));
}
std::string LockedPlan(Dice& dice, const World& world) {
  std::vector<std::string> ids;
  for (const auto& [id, plan] : world.plans) {
    if (plan.components != CompositionOf(world, plan.product)) ids.push_back(id);
  }
  const auto locked = ids;
  for (const auto& [key, subscription] : world.subscriptions) {  // rather one that somebody has
    if (std::find(locked.begin(), locked.end(), subscription.plan) != locked.end())
      ids.insert(ids.end(), 3, subscription.plan);
  }
  return PlanName(ids.empty() ? "nothing" : dice.Pick(ids));
}
std::string DisabledPlan(Dice& dice, const World& world) {
  std::vector<std::string> ids;
  for (const auto& [id, plan] : world.plans) {
    if (!plan.enabled) ids.push_back(id);
  }
  return PlanName(ids.empty() ? "nothing" : dice.Pick(ids));
}

std::string SomeCustomer(Dice& dice, const World& world) {
  return CustomerName(dice.OneIn(kNonsense) || world.customers.empty() ? "nobody" : dice.Pick(KeysOf(world.customers)));
}
std::string SomeProduct(Dice& dice, const World& world) {
  return ProductName(dice.OneIn(kNonsense) ? "nothing" : dice.Pick(KeysOf(world.products)));
}
std::string SomePlan(Dice& dice, const World& world) {
  return PlanName(dice.OneIn(kNonsense) ? "nothing" : dice.Pick(KeysOf(world.plans)));
}
std::string SomePartner(Dice& dice, const World& world) {
  return absl::StrCat("partners/", dice.OneIn(kNonsense) ? "nobody" : dice.Pick(KeysOf(world.partners)));
}

v1::CreateCustomerRequest NewCustomer(int n) {
  v1::CreateCustomerRequest request;
  request.set_customer_id(absl::StrCat("customer-", n));
  v1::Customer* customer = request.mutable_customer();
  customer->set_partner(n % 4 == 0 ? "partners/distributor" : "partners/msp-one");
  customer->set_display_name(absl::StrCat("Customer ", n));
  if (n <= kExternalIds) customer->set_external_id(absl::StrCat("erp-", n));
  customer->set_city("Köln");
  customer->set_region("NRW");
  customer->set_country("DE");
  customer->mutable_contact()->set_given_name("Ada");
  customer->mutable_contact()->set_family_name("Müller");
  customer->mutable_contact()->set_email("ada@example.com");
  return request;
}

v1::CreateCustomerRequest RandomCreateCustomer(Dice& dice, const World& world) {
  const int count = static_cast<int>(world.customers.size());
  v1::CreateCustomerRequest request =
      NewCustomer(count >= kMostCustomers || dice.OneIn(6) ? dice.Between(1, count) : count + 1);
  if (!dice.OneIn(3)) request.mutable_customer()->set_external_id(SomeExternalId(dice, world));
  const std::string deleted = IdsOf(DeletedCustomer(dice, world)).first;
  if (deleted != "nothing" && dice.OneIn(4)) request.set_customer_id(deleted);
  return request;
}

v1::UpdateCustomerRequest RandomUpdateCustomer(Dice& dice, const World& world) {
  v1::UpdateCustomerRequest request;
  v1::Customer* customer = request.mutable_customer();
  customer->set_name(SomeCustomer(dice, world));
  const auto row = world.customers.find(IdsOf(customer->name()).first);
  if (row != world.customers.end() && dice.OneIn(4)) {  // as it is
    customer->set_note(row->second.note);
    customer->set_external_id(row->second.external_id);
    request.mutable_update_mask()->add_paths("note");
    if (!row->second.external_id.empty()) request.mutable_update_mask()->add_paths("external_id");
    return request;
  }
  if (dice.OneIn(2)) {
    customer->set_external_id(SomeExternalId(dice, world));
    request.mutable_update_mask()->add_paths("external_id");
  } else {
    customer->set_note(absl::StrCat("note ", dice.To(3)));
    request.mutable_update_mask()->add_paths("note");
  }
  return request;
}

v1::DeleteCustomerRequest RandomDeleteCustomer(Dice& dice, const World& world) {
  v1::DeleteCustomerRequest request;
  request.set_name(SomeCustomer(dice, world));
  request.set_force(dice.OneIn(2));
  return request;
}

v1::CreateServicePlanRequest RandomCreatePlan(Dice& dice, const World& world) {
  v1::CreateServicePlanRequest request;
  request.set_service_plan_id(absl::StrCat("plan-", dice.Between(1, kMorePlans)));
  for (const auto& [id, plan] : world.plans) {
    if (plan.deleted && dice.OneIn(10)) request.set_service_plan_id(id);
  }
  v1::ServicePlan* plan = request.mutable_service_plan();
  plan->set_partner(dice.OneIn(4) ? SomePartner(dice, world) : "partners/msp-one");
  plan->set_product(SomeProduct(dice, world));
  plan->set_display_name(SomePlanName(dice, world));
  plan->set_initial_term_months(dice.OneIn(3) ? 12 : dice.Between(1, 3));
  plan->set_auto_renewal(dice.OneIn(2));
  if (dice.OneIn(2)) plan->set_grace_period_days(dice.OneIn(3) ? 90 : dice.To(15));
  if (dice.OneIn(2)) plan->set_expiration_notice_days(dice.To(40));
  return request;
}

v1::UpdateServicePlanRequest RandomUpdatePlan(Dice& dice, const World& world) {
  v1::UpdateServicePlanRequest request;
  v1::ServicePlan* plan = request.mutable_service_plan();
  plan->set_name(SomePlan(dice, world));
  const auto row = world.plans.find(IdsOf(plan->name()).first);
  const bool as_it_is = row != world.plans.end() && dice.OneIn(4);
  if (as_it_is || !dice.OneIn(3)) {
    plan->set_display_name(as_it_is ? row->second.display_name : SomePlanName(dice, world));
    request.mutable_update_mask()->add_paths("display_name");
  }
  if (as_it_is || request.update_mask().paths().empty()) {
    plan->set_grace_period_days(as_it_is ? row->second.terms.grace_days : dice.To(90));
    request.mutable_update_mask()->add_paths("grace_period_days");
  }
  return request;
}

}  // namespace lmp::random_test

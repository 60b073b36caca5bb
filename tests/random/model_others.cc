// Customers, partners, the catalog, pools and registration keys.
#include <algorithm>

#include "tests/random/model_requests.h"

namespace lmp::random_test {
namespace {

constexpr int kMostUnits = 999'999;
constexpr int kChosenId = 25;  // the id the test gives to what a request itself makes, see IdOf

Customer* Find(World& world, const std::string& name, Verdict& verdict) {
  const std::string id = IdsOf(name).first;
  return CheckCustomer(world, id, verdict, About::kItself) ? &world.customers.at(id) : nullptr;
}

Product* FindProduct(World& world, const std::string& name, Verdict& verdict) {
  const auto found = world.products.find(IdsOf(name).first);
  verdict.RefuseIf(found == world.products.end(), "PRODUCT_NOT_FOUND");
  return found == world.products.end() ? nullptr : &found->second;
}

Plan* FindPlan(World& world, const std::string& name, Verdict& verdict) {
  const auto found = world.plans.find(IdsOf(name).first);
  const bool there = found != world.plans.end() && !found->second.deleted;
  verdict.RefuseIf(!there, "SERVICE_PLAN_NOT_FOUND");
  if (there) CheckPartner(world, found->second.partner, verdict);
  return there ? &found->second : nullptr;
}

void MovePartner(World& world, const std::string& name, const std::set<std::string>& from, const std::string& to,
                 Verdict& verdict) {
  const auto found = world.partners.find(IdsOf(name).first);
  if (found == world.partners.end()) return verdict.Refuse("PARTNER_NOT_FOUND");
  verdict.RefuseIf(!from.contains(found->second.state), "WRONG_STATE");
  found->second.state = to;
}

void SetEnabled(World& world, const std::string& name, bool enabled, Verdict& verdict) {
  Plan* plan = FindPlan(world, name, verdict);
  if (plan == nullptr) return;
  verdict.RefuseIf(plan->enabled == enabled, "WRONG_STATE");
  plan->enabled = enabled;
}

// The key has units for each product that its plan has now, as many as one may have. What is not for resale needs none.
bool Fits(const World& world, const RegistrationKey& key) {
  const Plan& plan = world.plans.at(key.plan);
  if (plan.deleted) return false;
  if (plan.terms.nfr) return true;
  const Names& products = plan.components;
  for (const std::string& product : products) {
    if (!key.units.contains(product)) return false;
  }
  for (const auto& [product, units] : key.units) {
    const Product& row = world.products.at(product);
    if (std::find(products.begin(), products.end(), product) == products.end()) return false;
    if (units < row.min_units || units > row.max_units) return false;
  }
  return true;
}

// An external_id is one customer's of a partner; of a deleted one until it can't come back.
void TakeExternalId(World& world, const std::string& partner, const std::string& self, const std::string& wanted,
                    Verdict& verdict) {
  if (wanted.empty()) return;
  for (auto& [id, customer] : world.customers) {
    if (id == self || customer.partner != partner || customer.external_id != wanted) continue;
    if (customer.deleted.has_value() && world.now - *customer.deleted > absl::Hours(24 * 30)) {
      customer.external_id.clear();
    } else {
      verdict.Refuse("EXTERNAL_ID_TAKEN");
    }
  }
}

// A plan's name is one plan's of a partner that is not deleted.
void CheckPlanName(const World& world, const std::string& partner, const std::string& self, const std::string& wanted,
                   Verdict& verdict) {
  for (const auto& [id, plan] : world.plans) {
    verdict.RefuseIf(id != self && !plan.deleted && plan.partner == partner && plan.display_name == wanted,
                     "PLAN_NAME_TAKEN");
  }
}

}  // namespace

void Predict(const v1::CreateCustomerRequest& request, World& world, Verdict& verdict) {
  const std::string partner = IdsOf(request.customer().partner()).first;
  CheckPartner(world, partner, verdict);
  verdict.RefuseIf(world.customers.contains(request.customer_id()), "CUSTOMER_EXISTS");
  TakeExternalId(world, partner, request.customer_id(), request.customer().external_id(), verdict);
  if (!verdict.accepted()) return;
  world.customers[request.customer_id()] = {
      .partner = partner, .note = request.customer().note(), .external_id = request.customer().external_id()};
}

void Predict(const v1::UpdateCustomerRequest& request, World& world, Verdict& verdict) {
  Customer* customer = Find(world, request.customer().name(), verdict);
  if (customer == nullptr) return;
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "note") customer->note = request.customer().note();
    if (path != "external_id" || customer->external_id == request.customer().external_id()) continue;
    TakeExternalId(world, customer->partner, IdsOf(request.customer().name()).first, request.customer().external_id(),
                   verdict);
    customer->external_id = request.customer().external_id();
  }
}

void Predict(const v1::DisableCustomerRequest& request, World& world, Verdict& verdict) {
  Customer* customer = Find(world, request.name(), verdict);
  if (customer == nullptr) return;
  verdict.RefuseIf(!customer->enabled, "WRONG_STATE");
  customer->enabled = false;
}

void Predict(const v1::EnableCustomerRequest& request, World& world, Verdict& verdict) {
  Customer* customer = Find(world, request.name(), verdict);
  if (customer == nullptr) return;
  verdict.RefuseIf(customer->enabled, "WRONG_STATE");
  customer->enabled = true;
  // What waited and can still happen does; what is left of nothing can't.
  for (const auto& [key, subscription] : world.subscriptions) {
    if (key.first != IdsOf(request.name()).first || !LiveLicenses(world, key, world.today()).empty()) continue;
    DropChanges(world, key, Drop::kAll);
  }
}

void Predict(const v1::DeleteCustomerRequest& request, World& world, Verdict& verdict) {
  Customer* customer = Find(world, request.name(), verdict);
  if (customer == nullptr) return;
  const std::string id = IdsOf(request.name()).first;
  for (const auto& [key, license] : world.licenses) {
    if (key.first != id || Ended(world, license, world.today())) continue;
    verdict.RefuseIf(!request.force(), "CUSTOMER_HAS_LICENSES");
    EndLicenses(world, {key});
  }
  for (auto& [key, subscription] : world.subscriptions) {
    if (key.first != id || (subscription.state != "ACTIVE" && subscription.state != "SUSPENDED")) continue;
    subscription.state = "DISABLED";
    DropChanges(world, key, Drop::kAll);
  }
  customer->deleted = world.now;
}

void Predict(const v1::UndeleteCustomerRequest& request, World& world, Verdict& verdict) {
  const auto found = world.customers.find(IdsOf(request.name()).first);
  if (found == world.customers.end()) return verdict.Refuse("CUSTOMER_NOT_FOUND");
  CheckPartner(world, found->second.partner, verdict);
  verdict.RefuseIf(!found->second.deleted || world.now - *found->second.deleted > absl::Hours(24 * 30), "WRONG_STATE");
  found->second.deleted.reset();
}

void Predict(const v1::SuspendPartnerRequest& request, World& world, Verdict& verdict) {
  MovePartner(world, request.name(), {"ACTIVE"}, "SUSPENDED", verdict);
}

void Predict(const v1::ResumePartnerRequest& request, World& world, Verdict& verdict) {
  MovePartner(world, request.name(), {"SUSPENDED"}, "ACTIVE", verdict);
}

void Predict(const v1::CancelPartnerRequest& request, World& world, Verdict& verdict) {
  MovePartner(world, request.name(), {"ACTIVE", "SUSPENDED"}, "CANCELED", verdict);
}

void Predict(const v1::ChangeSuiteComponentsRequest& request, World& world, Verdict& verdict) {
  Product* suite = FindProduct(world, request.name(), verdict);
  if (suite == nullptr) return;
  verdict.RefuseIf(suite->kind != "SUITE", "INVALID_FIELDS");
  CheckOnSale(world, IdsOf(request.name()).first, verdict);
  std::set<std::string> components(suite->components.begin(), suite->components.end());
  verdict.RefuseIf(request.add_components_size() + request.remove_components_size() == 0, "INVALID_FIELDS");
  for (const std::string& name : request.remove_components()) {
    verdict.RefuseIf(components.erase(IdsOf(name).first) == 0, "INVALID_FIELDS");
  }
  for (const std::string& name : request.add_components()) {
    const Product* added = FindProduct(world, name, verdict);
    verdict.RefuseIf(added != nullptr && added->kind == "SUITE", "INVALID_FIELDS");
    verdict.RefuseIf(!components.insert(IdsOf(name).first).second, "INVALID_FIELDS");
  }
  verdict.RefuseIf(components.size() < 2 || components.size() > 20, "INVALID_FIELDS");
  suite->components.assign(components.begin(), components.end());
}

void Predict(const v1::EndProductSaleRequest& request, World& world, Verdict& verdict) {
  Product* product = FindProduct(world, request.name(), verdict);
  if (product == nullptr) return;
  verdict.RefuseIf(product->lifecycle != "ON_SALE", "WRONG_STATE");
  product->lifecycle = "END_OF_SALE";
}

void Predict(const v1::EndProductLifeRequest& request, World& world, Verdict& verdict) {
  Product* product = FindProduct(world, request.name(), verdict);
  if (product == nullptr) return;
  verdict.RefuseIf(product->lifecycle == "END_OF_LIFE", "WRONG_STATE");
  const Date day = request.has_end_date() ? DateOf(request.end_date()) : world.today();
  verdict.RefuseIf(day < world.today() || day > MonthsLater(world.today(), 66), "DATE_OUT_OF_RANGE");
  product->lifecycle = "END_OF_LIFE";
  product->end_of_life = day;
}

void Predict(const v1::CreateServicePlanRequest& request, World& world, Verdict& verdict) {
  const v1::ServicePlan& wanted = request.service_plan();
  Plan plan{.partner = IdsOf(wanted.partner()).first,
            .product = IdsOf(wanted.product()).first,
            .display_name = wanted.display_name()};
  CheckPartner(world, plan.partner, verdict);
  if (!world.products.contains(plan.product)) return verdict.Refuse("PRODUCT_NOT_FOUND");
  CheckOnSale(world, plan.product, verdict);
  verdict.RefuseIf(world.plans.contains(request.service_plan_id()), "SERVICE_PLAN_EXISTS");
  CheckPlanName(world, plan.partner, request.service_plan_id(), plan.display_name, verdict);
  if (!verdict.accepted()) return;
  plan.terms.initial_months = wanted.initial_term_months();
  plan.terms.auto_renewal = wanted.auto_renewal();
  if (wanted.auto_renewal()) plan.terms.renewal_months = std::min(wanted.initial_term_months(), 12);
  if (wanted.has_grace_period_days()) plan.terms.grace_days = wanted.grace_period_days();
  if (wanted.has_expiration_notice_days()) plan.terms.notice_days = wanted.expiration_notice_days();
  plan.components = CompositionOf(world, plan.product);
  world.plans[request.service_plan_id()] = plan;
}

void Predict(const v1::UpdateServicePlanRequest& request, World& world, Verdict& verdict) {
  const std::string id = IdsOf(request.service_plan().name()).first;
  Plan* plan = FindPlan(world, request.service_plan().name(), verdict);
  if (plan == nullptr) return;
  bool differs = false;  // else it is no change, and no refusal
  for (const std::string& path : request.update_mask().paths()) {
    differs = differs || (path == "display_name" && request.service_plan().display_name() != plan->display_name) ||
              (path == "grace_period_days" && request.service_plan().grace_period_days() != plan->terms.grace_days);
  }
  if (!differs) return;
  CheckOnSale(world, plan->product, verdict);
  verdict.RefuseIf(plan->components != CompositionOf(world, plan->product), "PLAN_LOCKED");
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "display_name" && request.service_plan().display_name() != plan->display_name) {
      CheckPlanName(world, plan->partner, id, request.service_plan().display_name(), verdict);
      plan->display_name = request.service_plan().display_name();
    }
    if (path == "grace_period_days") {
      verdict.RefuseIf(plan->terms.nfr && request.service_plan().grace_period_days() != plan->terms.grace_days,
                       "NFR_SETTINGS_FIXED");
      plan->terms.grace_days = request.service_plan().grace_period_days();
    }
  }
}

void Predict(const v1::EnableServicePlanRequest& request, World& world, Verdict& verdict) {
  SetEnabled(world, request.name(), true, verdict);
}

void Predict(const v1::DisableServicePlanRequest& request, World& world, Verdict& verdict) {
  SetEnabled(world, request.name(), false, verdict);
}

void Predict(const v1::DeleteServicePlanRequest& request, World& world, Verdict& verdict) {
  Plan* plan = FindPlan(world, request.name(), verdict);
  if (plan != nullptr) plan->deleted = true;
}

void Predict(const v1::ApproveServicePlanRequest& request, World& world, Verdict& verdict) {
  Plan* plan = FindPlan(world, request.name(), verdict);
  if (plan == nullptr) return;
  CheckOnSale(world, plan->product, verdict);
  verdict.RefuseIf(plan->components == CompositionOf(world, plan->product), "WRONG_STATE");
  plan->components = CompositionOf(world, plan->product);
}

void Predict(const v1::UpdateLicensePoolRequest& request, World& world, Verdict& verdict) {
  const Key key = IdsOf(request.license_pool().name());
  CheckPartner(world, key.first, verdict);
  const int minimum = request.license_pool().minimum_units();
  verdict.RefuseIf(minimum < 0 || minimum > kMostUnits, "INVALID_FIELDS");
  if (!world.pools.contains(key)) return verdict.Refuse("LICENSE_POOL_NOT_FOUND");
  Pool& pool = world.pools.at(key);
  if (pool.minimum == minimum) return;  // as it is: no change, and no refill
  pool.minimum = minimum;
  if (pool.total - pool.assigned < minimum) pool.total += (minimum * 3 + 1) / 2;
}

void Predict(const v1::AddLicensePoolUnitsRequest& request, World& world, Verdict& verdict) {
  const Key key = IdsOf(request.name());
  CheckPartner(world, key.first, verdict);
  verdict.RefuseIf(request.units() < 1 || request.units() > kMostUnits, "INVALID_FIELDS");
  const auto product = world.products.find(key.second);
  if (product == world.products.end()) return verdict.Refuse("PRODUCT_NOT_FOUND");
  verdict.RefuseIf(product->second.kind == "SUITE", "INVALID_FIELDS");
  if (!verdict.accepted()) return;
  const bool fresh = !world.pools.contains(key);
  Pool& pool = world.pools[key];
  pool.total += request.units();
  if (!fresh) return;
  for (const auto& [license_key, license] : world.licenses) {
    const bool counts = world.customers.at(license_key.first).partner == key.first && license.product == key.second;
    if (counts && !license.closed) pool.assigned += license.units;
  }
  verdict.RefuseIf(pool.assigned > pool.total, "POOL_EXHAUSTED");
}

void Predict(const v1::CreateRegistrationKeyRequest& request, World& world, Verdict& verdict) {
  const v1::RegistrationKey& wanted = request.registration_key();
  const std::string plan_id = IdsOf(wanted.service_plan()).first;
  const auto plan = world.plans.find(plan_id);
  if (plan == world.plans.end()) return verdict.Refuse("SERVICE_PLAN_NOT_FOUND");
  CheckPlan(world, plan_id, plan->second.partner, verdict);
  CheckPartner(world, plan->second.partner, verdict);
  RegistrationKey key{.partner = plan->second.partner, .plan = plan_id};
  for (const v1::LicenseUnits& units : wanted.units()) key.units[IdsOf(units.product()).first] = units.units();
  verdict.RefuseIf(plan->second.terms.nfr && !key.units.empty(), "NFR_SETTINGS_FIXED");
  verdict.RefuseIf(!Fits(world, key), "INVALID_FIELDS");
  key.expires = wanted.has_expire_date() ? DateOf(wanted.expire_date()) : world.today() + 90;
  verdict.RefuseIf(key.expires <= world.today() || key.expires > world.today() + 366, "DATE_OUT_OF_RANGE");
  world.keys[IdOf(world.step, kChosenId)] = key;
}

void Predict(const v1::UpdateRegistrationKeyRequest& request, World& world, Verdict& verdict) {
  const v1::RegistrationKey& wanted = request.registration_key();
  const auto found = world.keys.find(IdsOf(wanted.name()).first);
  if (found == world.keys.end()) return verdict.Refuse("REGISTRATION_KEY_NOT_FOUND");
  RegistrationKey& key = found->second;
  CheckPartner(world, key.partner, verdict);
  verdict.RefuseIf(key.state != "ISSUED" || world.today() >= key.expires, "WRONG_STATE");
  key.units.clear();
  for (const v1::LicenseUnits& units : wanted.units()) key.units[IdsOf(units.product()).first] = units.units();
  const Plan& plan = world.plans.at(key.plan);
  verdict.RefuseIf(plan.deleted, "SERVICE_PLAN_NOT_FOUND");
  verdict.RefuseIf(plan.terms.nfr && !key.units.empty(), "NFR_SETTINGS_FIXED");
  verdict.RefuseIf(!plan.deleted && !Fits(world, key), "INVALID_FIELDS");
}

void Predict(const v1::VoidRegistrationKeyRequest& request, World& world, Verdict& verdict) {
  const auto key = world.keys.find(IdsOf(request.name()).first);
  if (key == world.keys.end()) return verdict.Refuse("REGISTRATION_KEY_NOT_FOUND");
  CheckPartner(world, key->second.partner, verdict);
  verdict.RefuseIf(key->second.state != "ISSUED" || world.today() >= key->second.expires, "WRONG_STATE");
  key->second.state = "VOIDED";
}

void Predict(const v1::RedeemRegistrationKeyRequest& request, World& world, Verdict& verdict) {
  const auto key = world.keys.find(IdsOf(request.name()).first);
  if (key == world.keys.end()) return verdict.Refuse("REGISTRATION_KEY_NOT_FOUND");
  CheckPartner(world, key->second.partner, verdict);
  verdict.RefuseIf(key->second.state != "ISSUED" || world.today() >= key->second.expires, "WRONG_STATE");
  const std::string customer = IdsOf(request.customer()).first;
  const auto owner = world.customers.find(customer);
  if (owner == world.customers.end() || owner->second.partner != key->second.partner) {
    return verdict.Refuse("CUSTOMER_NOT_FOUND");
  }
  verdict.RefuseIf(!Fits(world, key->second), "REGISTRATION_KEY_STALE");
  v1::AssignServicePlanRequest assignment;
  assignment.set_parent(request.customer());
  assignment.set_service_plan("servicePlans/" + key->second.plan);
  for (const auto& [product, units] : key->second.units) {
    v1::LicenseUnits* entry = assignment.add_units();
    entry->set_product("products/" + product);
    entry->set_units(units);
  }
  if (request.has_start_date()) *assignment.mutable_start_date() = request.start_date();
  *assignment.mutable_crossgrade() = request.crossgrade();
  const int first = world.made;
  Predict(assignment, world, verdict);
  key->second.state = "REDEEMED";
  key->second.customer = customer;
  key->second.subscription = IdOf(world.step, first);
}

}  // namespace lmp::random_test

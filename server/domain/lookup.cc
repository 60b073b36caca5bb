#include "server/domain/lookup.h"

#include "absl/strings/str_cat.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

// Returns the customer if the caller may change it and the state of its partner allows that.
absl::StatusOr<model::Customer*> FindChangeableCustomer(model::World& world, const Caller& caller, Verb verb,
                                                        const std::string& id) {
  model::Customer* customer = Find(world.customers, id);
  if (customer == nullptr || !MayChange(caller, customer->partner_id)) {
    return NotFound(reason::kCustomerNotFound, CustomerName(id));
  }
  RETURN_IF_ERROR(FindWritablePartner(world, caller, verb, customer->partner_id).status());
  return customer;
}

}  // namespace

std::string PartnerName(const std::string& id) { return absl::StrCat("partners/", id); }
std::string CustomerName(const std::string& id) { return absl::StrCat("customers/", id); }
std::string ProductName(const std::string& id) { return absl::StrCat("products/", id); }
std::string ServicePlanName(const std::string& id) { return absl::StrCat("servicePlans/", id); }
std::string SubscriptionName(const std::string& customer_id, const std::string& id) {
  return absl::StrCat("customers/", customer_id, "/subscriptions/", id);
}
std::string PoolName(const std::string& partner_id, const std::string& product_id) {
  return absl::StrCat("partners/", partner_id, "/licensePools/", product_id);
}
std::string ScheduledChangeName(const std::string& customer_id, const std::string& id) {
  return absl::StrCat("customers/", customer_id, "/scheduledChanges/", id);
}
std::string RegistrationKeyName(const std::string& id) { return absl::StrCat("registrationKeys/", id); }

std::string LicenseTokenName(const std::string& customer_id, const std::string& id) {
  return absl::StrCat(CustomerName(customer_id), "/licenseTokens/", id);
}

std::string LicenseName(const std::string& customer_id, const std::string& id) {
  return absl::StrCat("customers/", customer_id, "/licenses/", id);
}

std::string EtagOf(const model::Stamp& stamp) { return absl::StrCat(stamp.revision); }

std::string EtagOf(const model::World& world, const model::Subscription& subscription) {
  // Revisions only grow, and a license that leaves changes the subscription. So the sum never returns to an earlier
  // value.
  int licenses = 0;
  for (const auto& [key, license] : Range(world.licenses, subscription.customer_id)) {
    if (license.subscription_id == subscription.subscription_id) licenses += license.stamp.revision;
  }
  return absl::StrCat(subscription.stamp.revision, ".", licenses);
}

bool MayRead(const Caller& caller, const model::Catalog& catalog, const std::string& partner_id) {
  if (MayChange(caller, partner_id)) return true;
  if (!caller.customer_id.empty()) return false;
  const model::Partner* partner = Find(catalog.partners, partner_id);
  return partner != nullptr && partner->parent_id == caller.partner_id;
}

bool MayChange(const Caller& caller, const std::string& partner_id) {
  return caller.customer_id.empty() && (caller.partner_id.empty() || caller.partner_id == partner_id);
}

bool MayReadCustomer(const Caller& caller, const model::Catalog& catalog, const model::Customer& customer) {
  if (!caller.customer_id.empty()) return caller.customer_id == customer.customer_id;
  return MayRead(caller, catalog, customer.partner_id);
}

absl::StatusOr<const model::Partner*> FindPartner(const model::World& world, const Caller& caller,
                                                  const std::string& id) {
  const model::Partner* partner = Find(world.catalog->partners, id);
  if (partner == nullptr || !MayRead(caller, *world.catalog, id)) {
    return NotFound(reason::kPartnerNotFound, PartnerName(id));
  }
  return partner;
}

absl::StatusOr<const model::Product*> FindProduct(const model::World& world, const std::string& id) {
  const model::Product* product = Find(world.catalog->products, id);
  if (product == nullptr) return NotFound(reason::kProductNotFound, ProductName(id));
  return product;
}

absl::StatusOr<const model::ServicePlan*> FindServicePlan(const model::World& world, const Caller& caller,
                                                          const std::string& id) {
  const model::ServicePlan* plan = Find(world.catalog->service_plans, id);
  if (plan == nullptr || plan->delete_time.has_value() || !MayRead(caller, *world.catalog, plan->partner_id)) {
    return NotFound(reason::kServicePlanNotFound, ServicePlanName(id));
  }
  return plan;
}

absl::StatusOr<const model::Customer*> FindCustomer(const model::World& world, const Caller& caller,
                                                    const std::string& id) {
  const model::Customer* customer = Find(world.customers, id);
  if (customer == nullptr || !MayReadCustomer(caller, *world.catalog, *customer)) {
    return NotFound(reason::kCustomerNotFound, CustomerName(id));
  }
  return customer;
}

absl::StatusOr<const model::Partner*> FindWritablePartner(const model::World& world, const Caller& caller, Verb verb,
                                                          const std::string& id) {
  ASSIGN_OR_RETURN(const model::Partner* partner, FindPartner(world, caller, id));
  if (!MayChange(caller, id)) return NotFound(reason::kPartnerNotFound, PartnerName(id));
  RETURN_IF_ERROR(CheckStanding(verb, *partner));
  return partner;
}

absl::StatusOr<model::Customer*> FindWritableCustomer(model::World& world, const Caller& caller, Verb verb,
                                                      const std::string& id) {
  ASSIGN_OR_RETURN(model::Customer* const customer, FindChangeableCustomer(world, caller, verb, id));
  RETURN_IF_ERROR(CheckStanding(verb, *customer));
  return customer;
}

absl::StatusOr<model::Customer*> FindReadCustomer(model::World& world, const Caller& caller, Verb verb,
                                                  const std::string& id, const std::string& etag) {
  ASSIGN_OR_RETURN(model::Customer* const customer, FindChangeableCustomer(world, caller, verb, id));
  RETURN_IF_ERROR(CheckEtag(etag, EtagOf(customer->stamp), CustomerName(id)));
  RETURN_IF_ERROR(CheckStanding(verb, *customer));
  return customer;
}

}  // namespace lmp::domain

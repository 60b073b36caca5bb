#include "tests/random/requests.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace lmp::random_test {
namespace {

std::string SubscriptionName(const Key& key) {
  return absl::StrCat(CustomerName(key.first), "/subscriptions/", key.second);
}
std::string LicenseName(const Key& key) { return absl::StrCat(CustomerName(key.first), "/licenses/", key.second); }

void Set(Date date, google::type::Date* out) {
  out->set_year(static_cast<int>(date.year()));
  out->set_month(date.month());
  out->set_day(date.day());
}

// A key that `wanted` likes; now and then any.
template <class Map, class Wanted>
std::optional<Key> SomeKey(Dice& dice, const Map& map, Wanted wanted) {
  if (map.empty()) return std::nullopt;
  std::vector<Key> liked;
  for (const auto& [key, row] : map) {
    if (wanted(key, row)) liked.push_back(key);
  }
  if (dice.OneIn(15)) return dice.Pick(KeysOf(map));
  return liked.empty() ? std::nullopt : std::optional<Key>(dice.Pick(liked));
}

// A subscription to do something with: one that runs and whose terms are not fixed, mostly.
Key SomeSubscription(Dice& dice, const World& world, const std::string& state = "ACTIVE") {
  if (dice.OneIn(kNonsense)) return {"nobody", "nothing"};
  const bool ended = dice.OneIn(20);
  const auto key = SomeKey(dice, world.subscriptions, [&](const Key& candidate, const Subscription& subscription) {
    const bool fixed = subscription.terms.trial || subscription.terms.nfr;
    return subscription.state == state && !fixed && LiveLicenses(world, candidate, world.today()).empty() == ended;
  });
  return key.value_or(Key{"nobody", "nothing"});
}

template <class Wanted>
Key SomeLicense(Dice& dice, const World& world, Wanted wanted) {
  if (dice.OneIn(kNonsense)) return {"nobody", "nothing"};
  return SomeKey(dice, world.licenses, wanted).value_or(Key{"nobody", "nothing"});
}

// A day that matters to the customer, or one near it; or any.
Date SomeDay(Dice& dice, const World& world, const std::string& customer, int back, int ahead) {
  std::vector<Date> days;
  for (const auto& [key, license] : world.licenses) {
    if (key.first != customer || license.closed) continue;
    for (const Date day : {license.expiration, license.grace_end, license.start}) {
      for (int delta = -1; delta <= 1; ++delta) days.push_back(day + delta);
    }
  }
  if (!days.empty() && dice.OneIn(2)) return dice.Pick(days);
  return world.today() + dice.Between(-back, ahead);
}

int SomeUnits(Dice& dice, const World& world, const std::string& product) {
  const auto row = world.products.find(product);
  const int least = row == world.products.end() ? 1 : row->second.min_units;
  if (dice.OneIn(kNonsense)) return dice.OneIn(2) ? 0 : least - 1;
  return least + dice.To(dice.OneIn(6) ? 60 : 12);
}

void SetUnits(Dice& dice, const World& world, const Names& products,
              google::protobuf::RepeatedPtrField<v1::LicenseUnits>* out) {
  for (const std::string& product : products) {
    if (dice.OneIn(kNonsense)) continue;
    v1::LicenseUnits* units = out->Add();
    units->set_product(ProductName(product));
    units->set_units(SomeUnits(dice, world, product));
  }
}

void SetCrossgrade(Dice& dice, const World& world, const std::string& customer, const Names& products,
                   v1::Crossgrade* out) {
  if (dice.OneIn(5)) return;
  const bool choose = dice.OneIn(3);
  out->set_mode(choose           ? v1::Crossgrade::EXPLICIT
                : dice.OneIn(12) ? v1::Crossgrade::REJECT
                                 : v1::Crossgrade::AUTOMATIC);
  if (dice.OneIn(3)) out->set_expiration(v1::Crossgrade::KEEP_LATEST);
  if (!choose && !dice.OneIn(kNonsense)) return;
  for (const std::string& product : products) {
    bool held = false;
    for (const auto& [key, license] : world.licenses) {
      held = held || (key.first == customer && license.product == product && !Ended(world, license, world.today()));
    }
    if (held == dice.OneIn(kNonsense) || (IsService(world, product) && dice.OneIn(2))) continue;
    v1::Crossgrade::Resolution* resolution = out->add_resolutions();
    resolution->set_product(ProductName(product));
    const bool fresh = IsService(world, product) ? dice.OneIn(kNonsense) : !dice.OneIn(3);
    resolution->set_choice(fresh ? v1::Crossgrade::Resolution::NEW_LICENSE : v1::Crossgrade::Resolution::TRANSFER);
  }
}

void SetAlignment(Dice& dice, const World& world, const std::string& customer, v1::Alignment* out) {
  const auto other =
      SomeKey(dice, world.subscriptions, [&](const Key& key, const auto&) { return key.first == customer; });
  if (other.has_value() && dice.OneIn(2)) {
    // The name must be one of the customer's: whose it is else is told while the request is read, whatever its state.
    out->set_subscription(SubscriptionName(other->first == customer ? *other : Key{customer, "nothing"}));
  } else {
    Set(SomeDay(dice, world, customer, 5, dice.OneIn(kNonsense) ? 3000 : 500), out->mutable_expiration_date());
  }
}

}  // namespace

v1::ChangeSuiteComponentsRequest RandomChangeSuite(Dice& dice, const World& world) {
  v1::ChangeSuiteComponentsRequest request;
  std::vector<std::string> suites, others;
  for (const auto& [id, product] : world.products) (product.kind == "SUITE" ? suites : others).push_back(id);
  const std::string suite = dice.Pick(suites);
  request.set_name(dice.OneIn(kNonsense) ? SomeProduct(dice, world) : ProductName(suite));
  if (!dice.OneIn(3)) request.add_add_components(ProductName(dice.Pick(others)));
  if (!dice.OneIn(3)) request.add_remove_components(ProductName(dice.Pick(world.products.at(suite).components)));
  return request;
}

v1::EndProductLifeRequest RandomEndProductLife(Dice& dice, const World& world) {
  v1::EndProductLifeRequest request;
  request.set_name(SomeProduct(dice, world));
  if (!dice.OneIn(4)) Set(world.today() + dice.Between(-2, 200), request.mutable_end_date());
  return request;
}

v1::AssignServicePlanRequest RandomAssign(Dice& dice, const World& world) {
  v1::AssignServicePlanRequest request;
  request.set_parent(SomeCustomer(dice, world));
  const auto customer = world.customers.find(IdsOf(request.parent()).first);
  std::vector<std::string> plans;
  for (const auto& [id, plan] : world.plans) {
    if (customer != world.customers.end() && plan.partner != customer->second.partner) continue;
    plans.insert(plans.end(), world.products.at(plan.product).kind == "SUITE" ? 2 : 1, id);
  }
  const std::string plan_id = dice.OneIn(kNonsense) ? dice.Pick(KeysOf(world.plans)) : dice.Pick(plans);
  const Plan& plan = world.plans.at(plan_id);
  request.set_service_plan(PlanName(plan_id));
  if (!plan.terms.nfr || dice.OneIn(kNonsense)) SetUnits(dice, world, plan.components, request.mutable_units());
  if (dice.OneIn(plan.terms.nfr ? kNonsense : 6)) {
    Set(world.today() + (dice.OneIn(10) ? dice.Between(-33, 370) : dice.Between(-20, 40)),
        request.mutable_start_date());
  }
  if (dice.OneIn(plan.terms.nfr || plan.terms.trial ? kNonsense : 6)) {
    SetAlignment(dice, world, IdsOf(request.parent()).first, request.mutable_align());
  }
  SetCrossgrade(dice, world, IdsOf(request.parent()).first, plan.components, request.mutable_crossgrade());
  return request;
}

v1::ApplyPlanUpdatesRequest RandomApplyUpdates(Dice& dice, const World& world) {
  v1::ApplyPlanUpdatesRequest request;
  const auto outdated = SomeKey(dice, world.subscriptions, [&](const Key&, const Subscription& subscription) {
    return subscription.state == "ACTIVE" && world.plans.at(subscription.plan).components != subscription.components;
  });
  const Key key = outdated.value_or(Key{"nobody", "nothing"});
  request.set_name(SubscriptionName(key));
  if (!outdated.has_value()) return request;
  const Subscription& subscription = world.subscriptions.at(key);
  Names added;
  for (const std::string& product : world.plans.at(subscription.plan).components) {
    if (!std::binary_search(subscription.components.begin(), subscription.components.end(), product))
      added.push_back(product);
  }
  if (dice.OneIn(2)) SetUnits(dice, world, added, request.mutable_units());
  SetCrossgrade(dice, world, key.first, added, request.mutable_crossgrade());
  return request;
}

// What was read, sent back: some of the values, or all, with a mask or without; now and then with one number of units
// changed.
void SendBack(Dice& dice, const World& world, const Key& key, v1::UpdateSubscriptionRequest& request) {
  const Subscription& row = world.subscriptions.at(key);
  v1::Subscription* subscription = request.mutable_subscription();
  auto* mask = request.mutable_update_mask();
  const bool all = dice.OneIn(2), masked = dice.OneIn(2);
  const auto set = [&](const char* path, const auto& set_value) {
    if (!all && dice.OneIn(2)) return;
    set_value();
    if (masked) mask->add_paths(path);
  };
  set("auto_renewal", [&] { subscription->set_auto_renewal(row.terms.auto_renewal); });
  if (row.terms.auto_renewal)
    set("renewal_term_months", [&] { subscription->set_renewal_term_months(row.terms.renewal_months); });
  set("expiration_notice_days", [&] { subscription->set_expiration_notice_days(row.terms.notice_days); });
  const std::vector<Key> live = LiveLicenses(world, key, world.today());
  if (!live.empty())
    set("expiration_date",
        [&] { Set(world.licenses.at(dice.Pick(live)).expiration, subscription->mutable_expiration_date()); });
  if (!all && dice.OneIn(2)) return;
  for (const Key& license : live) {
    v1::LicenseUnits* units = request.add_units();
    units->set_product(ProductName(world.licenses.at(license).product));
    units->set_units(world.licenses.at(license).units);
  }
  if (!live.empty() && dice.OneIn(2))
    request.mutable_units(0)->set_units(SomeUnits(dice, world, IdsOf(request.units(0).product()).first));
}

v1::UpdateSubscriptionRequest RandomUpdate(Dice& dice, const World& world) {
  v1::UpdateSubscriptionRequest request;
  const Key key = SomeSubscription(dice, world);
  v1::Subscription* subscription = request.mutable_subscription();
  subscription->set_name(SubscriptionName(key));
  if (world.subscriptions.contains(key) && dice.OneIn(5)) {
    SendBack(dice, world, key, request);
    return request;
  }
  if (dice.OneIn(2)) {
    Names products;
    for (const Key& license : LiveLicenses(world, key, world.today()))
      products.push_back(world.licenses.at(license).product);
    if (products.empty() || dice.OneIn(kNonsense)) products = {"cloud-app-security"};
    if (products.size() > 1 && dice.OneIn(2)) products = {dice.Pick(products)};
    SetUnits(dice, world, products, request.mutable_units());
  }
  auto* mask = request.mutable_update_mask();
  if (dice.OneIn(5)) SetAlignment(dice, world, key.first, request.mutable_align());
  if (dice.OneIn(request.has_align() ? kNonsense : 4)) {  // often sent back as it is
    const std::optional<Date> shown = dice.OneIn(2) ? ExpirationOf(world, key, world.today()) : std::nullopt;
    Set(shown.has_value() ? *shown : SomeDay(dice, world, key.first, 2, 400), subscription->mutable_expiration_date());
    mask->add_paths("expiration_date");
  }
  if (dice.OneIn(3)) {
    subscription->set_auto_renewal(!dice.OneIn(3));
    mask->add_paths("auto_renewal");
  }
  const auto row = world.subscriptions.find(key);
  const bool renews =
      subscription->auto_renewal() || (row != world.subscriptions.end() && row->second.terms.auto_renewal);
  if (dice.OneIn(renews ? 3 : kNonsense)) {
    subscription->set_renewal_term_months(dice.OneIn(kNonsense) ? 67 : dice.Between(1, 12));
    mask->add_paths("renewal_term_months");
  }
  if (dice.OneIn(6)) {
    subscription->set_expiration_notice_days(dice.OneIn(kNonsense) ? -1 : dice.Between(0, 60));
    mask->add_paths("expiration_notice_days");
  }
  if (dice.OneIn(2))
    Set(SomeDay(dice, world, key.first, 1, dice.OneIn(4) ? 600 : 120), request.mutable_effective_date());
  return request;
}

v1::RenewSubscriptionRequest RandomRenew(Dice& dice, const World& world) {
  v1::RenewSubscriptionRequest request;
  const Key key = SomeSubscription(dice, world);
  request.set_name(SubscriptionName(key));
  if (dice.OneIn(3)) request.set_term_months(dice.OneIn(kNonsense) ? 67 : dice.OneIn(6) ? 66 : dice.Between(1, 24));
  if (dice.OneIn(request.term_months() != 0 ? kNonsense : 4))
    SetAlignment(dice, world, key.first, request.mutable_align());
  return request;
}

v1::SuspendSubscriptionRequest RandomSuspend(Dice& dice, const World& world) {
  v1::SuspendSubscriptionRequest request;
  const auto key = SomeKey(dice, world.subscriptions, [](const Key&, const Subscription& subscription) {
    return subscription.state == "ACTIVE" && subscription.terms.auto_renewal;
  });
  request.set_name(SubscriptionName(key.value_or(Key{"nobody", "nothing"})));
  if (key.has_value() && dice.OneIn(2)) Set(SomeDay(dice, world, key->first, 1, 30), request.mutable_suspend_date());
  return request;
}

v1::UnsuspendSubscriptionRequest RandomUnsuspend(Dice& dice, const World& world) {
  v1::UnsuspendSubscriptionRequest request;
  // Rather one that would have renewed meanwhile: it does so at once.
  const auto overdue = SomeKey(dice, world.subscriptions, [&](const Key& candidate, const Subscription& subscription) {
    const auto live = LiveLicenses(world, candidate, world.today());
    return subscription.state == "SUSPENDED" && !live.empty() && world.licenses.at(live[0]).expiration <= world.today();
  });
  const Key key = overdue.has_value() ? *overdue : SomeSubscription(dice, world, "SUSPENDED");
  request.set_name(SubscriptionName(key));
  if (dice.OneIn(3)) Set(SomeDay(dice, world, key.first, 5, 60), request.mutable_expiration_date());
  return request;
}

v1::CancelSubscriptionRequest RandomCancel(Dice& dice, const World& world) {
  v1::CancelSubscriptionRequest request;
  request.set_name(SubscriptionName(SomeSubscription(dice, world, dice.OneIn(4) ? "SUSPENDED" : "ACTIVE")));
  return request;
}

v1::ChangeServicePlanRequest RandomChangePlan(Dice& dice, const World& world) {
  v1::ChangeServicePlanRequest request;
  const auto key = SomeKey(dice, world.subscriptions, [&](const Key& candidate, const Subscription& subscription) {
    const auto licenses = LiveLicenses(world, candidate, world.today());
    return subscription.state == "ACTIVE" && licenses.size() == 1 &&
           !world.products.at(world.licenses.at(licenses[0]).product).family.empty();
  });
  request.set_name(SubscriptionName(key.value_or(Key{"nobody", "nothing"})));
  std::vector<std::string> plans;
  for (const auto& [id, plan] : world.plans) {
    if (!world.products.at(plan.product).family.empty()) plans.push_back(id);
  }
  // Of the same partner, on another level.
  std::vector<std::string> levels;
  for (const std::string& id : plans) {
    const auto row = key.has_value() ? world.subscriptions.find(*key) : world.subscriptions.end();
    if (row == world.subscriptions.end()) continue;
    const Plan& from = world.plans.at(row->second.plan);
    const Plan& to = world.plans.at(id);
    if (from.partner == to.partner && from.product != to.product) levels.push_back(id);
  }
  if (levels.empty() || dice.OneIn(10)) levels = KeysOf(world.plans);
  request.set_service_plan(PlanName(dice.Pick(levels)));
  if (dice.OneIn(3)) request.set_units(dice.Between(1, 20));
  return request;
}

v1::BatchUpdateSubscriptionsRequest RandomBatch(Dice& dice, const World& world) {
  v1::BatchUpdateSubscriptionsRequest request;
  request.set_parent(SomeCustomer(dice, world));
  const std::string customer = IdsOf(request.parent()).first;
  if (dice.OneIn(4)) {
    for (const auto& [key, subscription] : world.subscriptions) {
      if (key.first == customer && dice.OneIn(3)) request.add_subscriptions(SubscriptionName(key));
    }
  } else if (dice.OneIn(4)) {
    request.set_service_plan(SomePlan(dice, world));
  } else if (dice.OneIn(4)) {
    request.set_product(SomeProduct(dice, world));
  }
  switch (dice.To(10)) {
    case 0:
      request.mutable_cancel();
      break;
    case 1:
    case 2:
      request.mutable_suspend();
      break;
    case 3:
    case 4:
      request.mutable_unsuspend();
      break;
    case 5:
    case 6:
      request.mutable_renew()->set_term_months(dice.To(13));
      break;
    case 7:
      request.mutable_update()->mutable_update_mask()->add_paths("auto_renewal");
      request.mutable_update()->mutable_subscription()->set_auto_renewal(dice.OneIn(2));
      break;
    case 8:
      request.mutable_update()->mutable_update_mask()->add_paths("expiration_notice_days");
      request.mutable_update()->mutable_subscription()->set_expiration_notice_days(dice.To(60));
      Set(world.today() + dice.Between(0, 60), request.mutable_update()->mutable_effective_date());
      break;
    default:
      Set(world.today() + dice.Between(1, 400), request.mutable_update()->mutable_align()->mutable_expiration_date());
  }
  return request;
}

v1::CancelScheduledChangeRequest RandomCancelChange(Dice& dice, const World& world) {
  v1::CancelScheduledChangeRequest request;
  const auto key =
      SomeKey(dice, world.changes, [](const Key&, const ScheduledChange& change) { return change.state == "PENDING"; });
  const Key wanted = dice.OneIn(kNonsense) ? Key{"nobody", "nothing"} : key.value_or(Key{"customer-1", "nothing"});
  request.set_name(absl::StrCat(CustomerName(wanted.first), "/scheduledChanges/", wanted.second));
  return request;
}

v1::ActivateLicenseRequest RandomActivate(Dice& dice, const World& world) {
  v1::ActivateLicenseRequest request;
  request.set_name(LicenseName(SomeLicense(dice, world, [](const Key&, const License& license) {
    return license.first_sign_in && !license.activated && !license.closed;
  })));
  return request;
}

v1::DeleteUnbundledLicenseRequest RandomDeleteLicense(Dice& dice, const World& world) {
  v1::DeleteUnbundledLicenseRequest request;
  request.set_name(LicenseName(SomeLicense(dice, world, [](const Key&, const License& license) {
    return license.subscription.empty() && !license.closed;
  })));
  return request;
}

v1::ReportUsageRequest RandomReportUsage(Dice& dice, const World& world) {
  v1::ReportUsageRequest request;
  request.set_name(
      LicenseName(SomeLicense(dice, world, [](const Key&, const License& license) { return !license.closed; })));
  request.set_used_units(dice.OneIn(kNonsense) ? -1 : dice.To(30));
  return request;
}

}  // namespace lmp::random_test

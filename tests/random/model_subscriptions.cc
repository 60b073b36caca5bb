// The verbs of a running subscription and of a licence.
#include <algorithm>

#include "tests/random/model_requests.h"

namespace lmp::random_test {
namespace {

constexpr int kLongestTerm = 66;

// The subscription that the request names, if it is there.
std::optional<Key> Find(const World& world, const std::string& name, Verdict& verdict) {
  const Key key = IdsOf(name);
  if (!CheckCustomer(world, key.first, verdict)) return std::nullopt;
  if (world.subscriptions.contains(key)) return key;
  verdict.Refuse("SUBSCRIPTION_NOT_FOUND");
  return std::nullopt;
}

// Nothing changes of a trial, of what is not for resale, of what ended or is at the end of its product's life.
void CheckModifiable(const World& world, const Key& key, Verdict& verdict) {
  const Subscription& subscription = world.subscriptions.at(key);
  verdict.RefuseIf(subscription.state != "ACTIVE", "WRONG_STATE");
  verdict.RefuseIf(subscription.terms.trial, "TRIAL_FIXED");
  verdict.RefuseIf(subscription.terms.nfr, "NFR_SETTINGS_FIXED");
  const std::vector<Key> licenses = LiveLicenses(world, key, world.today());
  verdict.RefuseIf(licenses.empty(), "SUBSCRIPTION_ENDED");
  for (const Key& license : licenses) {
    const Product& product = world.products.at(world.licenses.at(license).product);
    verdict.RefuseIf(product.lifecycle == "END_OF_LIFE", "PRODUCT_END_OF_LIFE");
  }
}

// No update while a change of the plan's suite waits to be approved or applied.
void CheckUpToDate(const World& world, const Key& key, Verdict& verdict) {
  const Subscription& subscription = world.subscriptions.at(key);
  const Plan& plan = world.plans.at(subscription.plan);
  const bool locked = plan.components != CompositionOf(world, plan.product);
  // At the end of a product's sale nobody can approve: whether the change still waits then is not said.
  Verdict on_sale;
  CheckOnSale(world, plan.product, on_sale);
  verdict.RefuseIf(locked && on_sale.accepted(), "PLAN_LOCKED");
  verdict.PerhapsIf(locked, "PLAN_LOCKED");
  verdict.RefuseIf(plan.components != subscription.components, "PLAN_UPDATES_PENDING");
}

// The date to align with. "" is refused: nothing runs in that subscription.
std::optional<Date> Aligned(const World& world, const std::string& customer, const v1::Alignment& align, Verdict& verdict) {
  if (align.has_expiration_date()) return DateOf(align.expiration_date());
  const Key key = IdsOf(align.subscription());
  std::optional<Date> latest;
  if (key.first == customer && world.subscriptions.contains(key)) {
    for (const Key& license : LiveLicenses(world, key, world.today())) {
      latest = std::max(latest.value_or(Date::min()), world.licenses.at(license).expiration);
    }
  }
  verdict.RefuseIf(!latest.has_value(), "INVALID_FIELDS");
  return latest;
}

TermsUpdate UpdateOf(const v1::UpdateSubscriptionRequest& request) {
  TermsUpdate update;
  for (const std::string& path : request.update_mask().paths()) {
    const v1::Subscription& wanted = request.subscription();
    if (path == "expiration_date") update.expiration = DateOf(wanted.expiration_date());
    if (path == "auto_renewal") update.auto_renewal = wanted.auto_renewal();
    if (path == "renewal_term_months") update.renewal_months = wanted.renewal_term_months();
    if (path == "expiration_notice_days") update.notice_days = wanted.expiration_notice_days();
  }
  for (const v1::LicenseUnits& units : request.units()) update.units[IdsOf(units.product()).first] = units.units();
  return update;
}

}  // namespace

void Predict(const v1::UpdateSubscriptionRequest& request, World& world, Verdict& verdict) {
  const auto key = Find(world, request.subscription().name(), verdict);
  if (!key.has_value()) return;
  CheckModifiable(world, *key, verdict);
  CheckUpToDate(world, *key, verdict);
  TermsUpdate update = UpdateOf(request);
  if (request.has_align()) update.expiration = Aligned(world, key->first, request.align(), verdict);
  verdict.RefuseIf(update.empty(), "INVALID_FIELDS");
  const Date day = request.has_effective_date() ? DateOf(request.effective_date()) : world.today();
  if (day != world.today()) {
    verdict.RefuseIf(day < world.today() || day > MonthsLater(world.today(), kLongestTerm) || !RunsOn(world, *key, day),
                     "DATE_OUT_OF_RANGE");
  }
  CheckTerms(world, *key, update, world.today(), day, verdict);
  if (!verdict.accepted()) return;
  if (day != world.today()) {
    world.changes[{key->first, world.NewId()}] = {.subscription = key->second, .day = day, .update = update};
    return;
  }
  ApplyTerms(world, *key, update, day);
  DropChanges(world, *key, Drop::kImpossible);
}

void Predict(const v1::RenewSubscriptionRequest& request, World& world, Verdict& verdict) {
  verdict.RefuseIf(request.term_months() != 0 && request.has_align(), "INVALID_FIELDS");
  const auto key = Find(world, request.name(), verdict);
  if (!key.has_value()) return;
  CheckModifiable(world, *key, verdict);
  verdict.RefuseIf(!world.customers.at(key->first).enabled, "CUSTOMER_DISABLED");
  const Terms& terms = world.subscriptions.at(*key).terms;
  const int otherwise = terms.renewal_months > 0 ? terms.renewal_months : terms.initial_months;
  const int months = request.term_months() != 0 ? request.term_months() : otherwise;
  verdict.RefuseIf(months < 1 || months > kLongestTerm, "INVALID_FIELDS");
  std::optional<Date> date;
  if (request.has_align()) {
    date = Aligned(world, key->first, request.align(), verdict);
    if (!date.has_value()) return;
  }
  for (const Key& license_key : LiveLicenses(world, *key, world.today())) {
    License& license = world.licenses.at(license_key);
    verdict.RefuseIf(license.start > world.today(), "WRONG_STATE");
    const Date wanted = date.value_or(MonthsLater(license.expiration, std::clamp(months, 0, kLongestTerm), license.day));
    verdict.RefuseIf(wanted <= std::max(license.expiration, world.today()), "DATE_OUT_OF_RANGE");
    verdict.RefuseIf(wanted > MonthsLater(std::max(license.expiration, world.today()), kLongestTerm), "DATE_OUT_OF_RANGE");
    license.expiration = wanted;
    license.grace_end = wanted + terms.grace_days;
    if (date.has_value()) license.day = static_cast<int>(wanted.day());
  }
  DropChanges(world, *key, Drop::kImpossible);
}

void Predict(const v1::SuspendSubscriptionRequest& request, World& world, Verdict& verdict) {
  const auto key = Find(world, request.name(), verdict);
  if (!key.has_value()) return;
  Subscription& subscription = world.subscriptions.at(*key);
  verdict.RefuseIf(subscription.state != "ACTIVE", "WRONG_STATE");
  verdict.RefuseIf(!subscription.terms.auto_renewal, "AUTO_RENEWAL_OFF");
  const std::vector<Key> licenses = LiveLicenses(world, *key, world.today());
  verdict.RefuseIf(licenses.empty(), "SUBSCRIPTION_ENDED");
  const Date day = request.has_suspend_date() ? DateOf(request.suspend_date()) : world.today();
  for (const Key& license_key : licenses) {
    License& license = world.licenses.at(license_key);
    verdict.RefuseIf(day < world.today() || day < license.start || day > license.expiration, "DATE_OUT_OF_RANGE");
    license.suspended = day;
  }
  subscription.state = "SUSPENDED";
  subscription.terms.auto_renewal = false;
  subscription.renewal_paused = true;
  DropChanges(world, *key, Drop::kAll);
}

void Predict(const v1::UnsuspendSubscriptionRequest& request, World& world, Verdict& verdict) {
  const auto key = Find(world, request.name(), verdict);
  if (!key.has_value()) return;
  Subscription& subscription = world.subscriptions.at(*key);
  verdict.RefuseIf(subscription.state != "SUSPENDED", "WRONG_STATE");
  const std::vector<Key> licenses = LiveLicenses(world, *key, world.today());
  verdict.RefuseIf(licenses.empty(), "SUBSCRIPTION_ENDED");
  for (const Key& license_key : licenses) {
    License& license = world.licenses.at(license_key);
    license.suspended.reset();
    if (!request.has_expiration_date()) continue;
    const Date day = DateOf(request.expiration_date());
    verdict.RefuseIf(day < license.expiration || day > license.grace_end, "DATE_OUT_OF_RANGE");
    if (day != license.expiration) license.day = static_cast<int>(day.day());
    license.expiration = day;
    license.grace_end = day + subscription.terms.grace_days;
  }
  subscription.state = "ACTIVE";
  subscription.terms.auto_renewal = subscription.renewal_paused;
  subscription.renewal_paused = false;
}

void Predict(const v1::CancelSubscriptionRequest& request, World& world, Verdict& verdict) {
  const auto key = Find(world, request.name(), verdict);
  if (!key.has_value()) return;
  Subscription& subscription = world.subscriptions.at(*key);
  verdict.RefuseIf(subscription.state != "ACTIVE" && subscription.state != "SUSPENDED", "WRONG_STATE");
  EndLicenses(world, LiveLicenses(world, *key, world.today()));
  subscription.state = "DISABLED";
  DropChanges(world, *key, Drop::kAll);
}

void Predict(const v1::ChangeServicePlanRequest& request, World& world, Verdict& verdict) {
  const auto key = Find(world, request.name(), verdict);
  if (!key.has_value()) return;
  CheckModifiable(world, *key, verdict);
  CheckUpToDate(world, *key, verdict);
  const Customer& customer = world.customers.at(key->first);
  verdict.PerhapsIf(!customer.enabled, "CUSTOMER_DISABLED");
  const std::string plan_id = IdsOf(request.service_plan()).first;
  CheckPlan(world, plan_id, customer.partner, verdict);
  const std::vector<Key> licenses = LiveLicenses(world, *key, world.today());
  if (!world.plans.contains(plan_id) || licenses.empty()) return;
  const Plan& plan = world.plans.at(plan_id);
  License& license = world.licenses.at(licenses[0]);
  const Product& from = world.products.at(license.product);
  const Product& to = world.products.at(plan.product);
  verdict.RefuseIf(licenses.size() != 1 || from.family.empty() || from.family != to.family || from.level == to.level ||
                       plan.terms.trial || plan.terms.nfr,
                   "PLAN_NOT_A_LEVEL");
  // A suite of which one licence is left is no level of anything, but nobody says so.
  verdict.PerhapsIf(world.products.at(world.plans.at(world.subscriptions.at(*key).plan).product).kind == "SUITE",
                    "PLAN_NOT_A_LEVEL");
  for (const auto& [other_key, other] : world.licenses) {
    if (other_key.first != key->first || other.product != plan.product || Ended(world, other, world.today())) continue;
    verdict.RefuseIf(to.kind == "SERVICE", "CROSSGRADE_NOT_ALLOWED");
  }
  const int units = request.units() != 0 ? request.units() : license.units;
  verdict.RefuseIf(units < to.min_units || units > to.max_units, "INVALID_FIELDS");
  if (!verdict.accepted()) return;
  Subscription& subscription = world.subscriptions.at(*key);
  const bool first_sign_in = subscription.terms.first_sign_in;
  subscription.terms = plan.terms;
  subscription.terms.first_sign_in = first_sign_in;
  subscription.plan = plan_id;
  subscription.components = plan.components;
  license.product = plan.product;
  license.units = units;
  license.notice_days = plan.terms.notice_days;
  license.grace_end = license.expiration + plan.terms.grace_days;
  DropChanges(world, *key, Drop::kImpossible);
}

void Predict(const v1::CancelScheduledChangeRequest& request, World& world, Verdict& verdict) {
  const Key key = IdsOf(request.name());
  if (!CheckCustomer(world, key.first, verdict)) return;
  if (!world.changes.contains(key)) return verdict.Refuse("SCHEDULED_CHANGE_NOT_FOUND");
  verdict.RefuseIf(world.changes.at(key).state != "PENDING", "WRONG_STATE");
  world.changes.at(key).state = "CANCELED";
}

void Predict(const v1::ActivateLicenseRequest& request, World& world, Verdict& verdict) {
  const Key key = IdsOf(request.name());
  if (!CheckCustomer(world, key.first, verdict)) return;
  if (!world.licenses.contains(key)) return verdict.Refuse("LICENSE_NOT_FOUND");
  verdict.RefuseIf(StateOf(world, key, world.today()) != "NOT_ACTIVATED", "WRONG_STATE");
  world.licenses.at(key).activated = true;
}

void Predict(const v1::DeleteUnbundledLicenseRequest& request, World& world, Verdict& verdict) {
  const Key key = IdsOf(request.name());
  if (!CheckCustomer(world, key.first, verdict)) return;
  if (!world.licenses.contains(key)) return verdict.Refuse("LICENSE_NOT_FOUND");
  License& license = world.licenses.at(key);
  verdict.RefuseIf(!license.subscription.empty(), "LICENSE_NOT_UNBUNDLED");
  verdict.RefuseIf(Ended(world, license, world.today()), "WRONG_STATE");
  license.closed = true;
}

void Predict(const v1::ReportUsageRequest& request, World& world, Verdict& verdict) {
  verdict.RefuseIf(request.used_units() < 0 || request.used_units() > 999'999, "INVALID_FIELDS");
  const Key key = IdsOf(request.name());
  if (!CheckCustomer(world, key.first, verdict)) return;
  if (!world.licenses.contains(key)) return verdict.Refuse("LICENSE_NOT_FOUND");
  License& license = world.licenses.at(key);
  verdict.RefuseIf(Ended(world, license, world.today()), "WRONG_STATE");
  license.used = request.used_units();
}

}  // namespace lmp::random_test

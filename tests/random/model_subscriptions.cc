// The verbs of a running subscription and of a license.
#include <algorithm>

#include "tests/random/model_requests.h"

namespace lmp::random_test {
namespace {

constexpr int kMaxTerm = 66;
constexpr int kMaxRun = 132;  // months from today

// The subscription that the request names, if it is there.
std::optional<Key> Find(const World& world, const std::string& name, Verdict& verdict) {
  const Key key = IdsOf(name);
  if (!CheckCustomer(world, key.first, verdict)) return std::nullopt;
  if (world.subscriptions.contains(key)) return key;
  verdict.Refuse("SUBSCRIPTION_NOT_FOUND");
  return std::nullopt;
}

// Nothing changes of a trial, of what is not for resale, or of what ended.
void CheckModifiable(const World& world, const Key& key, Verdict& verdict) {
  const Subscription& subscription = world.subscriptions.at(key);
  verdict.RefuseIf(subscription.state != "ACTIVE", "WRONG_STATE");
  verdict.RefuseIf(subscription.terms.trial, "TRIAL_FIXED");
  verdict.RefuseIf(subscription.terms.nfr, "NFR_SETTINGS_FIXED");
  verdict.RefuseIf(LiveLicenses(world, key, world.today()).empty(), "SUBSCRIPTION_ENDED");
}

// From the declaration of a product's end of life on, an update may take of it, but not give.
void CheckEndOfLife(const World& world, const Key& key, const TermsUpdate* update, Verdict& verdict) {
  for (const Key& license_key : LiveLicenses(world, key, world.today())) {
    const License& license = world.licenses.at(license_key);
    if (world.products.at(license.product).lifecycle != "END_OF_LIFE") continue;
    const bool more =
        update == nullptr || update->auto_renewal.value_or(false) || update->renewal_months.has_value() ||
        (update->units.contains(license.product) && update->units.at(license.product) > license.units) ||
        (update->expiration.has_value() && *update->expiration > Shown(world, license, license.expiration));
    verdict.RefuseIf(more, "PRODUCT_END_OF_LIFE");
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

struct End {
  Date expiration;
  std::optional<int> day;  // aligned to a subscription: both renew on the same day for ever
};

// The end to align with; none is refused: nothing runs in that subscription.
std::optional<End> Aligned(const World& world, const std::string& customer, const v1::Alignment& align,
                           Verdict& verdict) {
  if (align.has_expiration_date()) return End{DateOf(align.expiration_date()), std::nullopt};
  const Key key = IdsOf(align.subscription());
  std::optional<End> latest;
  if (key.first == customer && world.subscriptions.contains(key)) {
    for (const Key& license_key : LiveLicenses(world, key, world.today())) {
      const License& license = world.licenses.at(license_key);
      const Date shown = Shown(world, license, license.expiration);
      if (latest.has_value() && shown <= latest->expiration) continue;
      latest = End{shown, shown == license.expiration ? license.day : static_cast<int>(shown.day())};
    }
  }
  verdict.RefuseIf(!latest.has_value(), "INVALID_FIELDS");
  return latest;
}

bool AllHaveEnd(const World& world, const Key& subscription, const End& end) {
  const std::vector<Key> licenses = LiveLicenses(world, subscription, world.today());
  for (const Key& key : licenses) {
    if (!HasEnd(world, world.licenses.at(key), end.expiration, end.day)) return false;
  }
  return !licenses.empty();
}

TermsUpdate UpdateOf(const v1::UpdateSubscriptionRequest& request) {
  TermsUpdate update;
  const v1::Subscription& wanted = request.subscription();
  std::vector<std::string> paths(request.update_mask().paths().begin(), request.update_mask().paths().end());
  if (paths.empty()) {  // all that are set
    if (wanted.has_expiration_date()) paths.emplace_back("expiration_date");
    if (wanted.auto_renewal()) paths.emplace_back("auto_renewal");
    if (wanted.renewal_term_months() != 0) paths.emplace_back("renewal_term_months");
    if (wanted.expiration_notice_days() != 0) paths.emplace_back("expiration_notice_days");
  }
  for (const std::string& path : paths) {
    if (path == "expiration_date") update.expiration = DateOf(wanted.expiration_date());
    if (path == "auto_renewal") update.auto_renewal = wanted.auto_renewal();
    if (path == "renewal_term_months") update.renewal_months = wanted.renewal_term_months();
    if (path == "expiration_notice_days") update.notice_days = wanted.expiration_notice_days();
  }
  for (const v1::LicenseUnits& units : request.units()) update.units[IdsOf(units.product()).first] = units.units();
  return update;
}

}  // namespace

namespace {

// What an update for a day to come asks of that day, by what is planned until then.
void Schedule(World& world, const Key& key, TermsUpdate update, Date day, Verdict& verdict) {
  const bool to_come = day > world.today() && day <= MonthsLater(world.today(), kMaxTerm);
  verdict.RefuseIf(!to_come, "DATE_OUT_OF_RANGE");
  if (!to_come) return;
  const World line = LineUpTo(world, key.first, day);
  verdict.RefuseIf(!RunsOn(line, key, day), "DATE_OUT_OF_RANGE");
  const bool shown_today = !update.day.has_value() && update.expiration == ExpirationOf(world, key, world.today());
  update = Differing(line, key, update, day - 1);
  bool planned = false;  // to move the expiration before
  for (const auto& [change_key, change] : world.changes) {
    planned = planned || (change_key.first == key.first && change.subscription == key.second &&
                          change.state == "PENDING" && change.day <= day && change.update.expiration.has_value());
  }
  if (shown_today && !planned) update.expiration.reset();
  if (update.empty()) return;
  CheckTerms(line, key, update, day - 1, day, verdict);
  if (verdict.accepted())
    world.changes[{key.first, world.NewId()}] = {.subscription = key.second, .day = day, .update = update};
}

}  // namespace

void Predict(const v1::UpdateSubscriptionRequest& request, World& world, Verdict& verdict) {
  const auto key = Find(world, request.subscription().name(), verdict);
  if (!key.has_value()) return;
  TermsUpdate update = UpdateOf(request);
  verdict.RefuseIf(update.empty() && !request.has_align(), "INVALID_FIELDS");
  const TermsUpdate sent = update;
  update = Differing(world, *key, update, world.today());
  std::optional<End> end;
  if (request.has_align()) {
    verdict.RefuseIf(update.expiration.has_value(), "INVALID_FIELDS");  // it says twice when it ends
    end = Aligned(world, key->first, request.align(), verdict);
  }
  if (end.has_value() && !AllHaveEnd(world, *key, *end)) {
    update.expiration = end->expiration;
    update.day = end->day;
  }
  const Date day = request.has_effective_date() ? DateOf(request.effective_date()) : world.today();
  if (day == world.today() && update.empty()) return;  // as it is already: no change, and no refusal
  CheckModifiable(world, *key, verdict);
  CheckEndOfLife(world, *key, &update, verdict);
  CheckUpToDate(world, *key, verdict);
  if (day != world.today()) {
    TermsUpdate later = sent;
    if (end.has_value()) later.expiration = end->expiration, later.day = end->day;
    Schedule(world, *key, later, day, verdict);
  } else {
    CheckTerms(world, *key, update, world.today(), day, verdict);
    if (verdict.accepted()) ApplyTerms(world, *key, update, day);
  }
  if (verdict.accepted()) DropChanges(world, *key, Drop::kImpossible);
}

void Predict(const v1::RenewSubscriptionRequest& request, World& world, Verdict& verdict) {
  verdict.RefuseIf(request.term_months() != 0 && request.has_align(), "INVALID_FIELDS");
  const auto key = Find(world, request.name(), verdict);
  if (!key.has_value()) return;
  const Date today = world.today();
  const std::vector<Key> licenses = LiveLicenses(world, *key, today);
  std::optional<End> end;
  if (request.has_align()) {
    end = Aligned(world, key->first, request.align(), verdict);
    if (!end.has_value() || AllHaveEnd(world, *key, *end)) return;
  }
  CheckModifiable(world, *key, verdict);
  CheckEndOfLife(world, *key, nullptr, verdict);
  const Terms& terms = world.subscriptions.at(*key).terms;
  const int otherwise = terms.renewal_months > 0 ? terms.renewal_months : terms.initial_months;
  const int months = request.term_months() != 0 ? request.term_months() : otherwise;
  verdict.RefuseIf(months < 1 || months > kMaxTerm, "INVALID_FIELDS");
  for (const Key& license_key : licenses) {
    License& license = world.licenses.at(license_key);
    if (end.has_value() && HasEnd(world, license, end->expiration, end->day)) continue;
    verdict.RefuseIf(license.start > today, "WRONG_STATE");
    const End wanted =
        end.value_or(End{MonthsLater(license.expiration, std::clamp(months, 0, kMaxTerm), license.day), license.day});
    verdict.RefuseIf(wanted.expiration < license.expiration || wanted.expiration <= today, "DATE_OUT_OF_RANGE");
    verdict.RefuseIf(wanted.expiration > LimitOf(std::max(license.expiration, today), kMaxTerm, license.day) ||
                         wanted.expiration > LimitOf(today, kMaxRun, license.day),
                     "DATE_OUT_OF_RANGE");
    license.expiration = wanted.expiration;
    license.grace_end = wanted.expiration + terms.grace_days;
    license.day = wanted.day.value_or(static_cast<int>(wanted.expiration.day()));
  }
  if (verdict.accepted()) DropChanges(world, *key, Drop::kImpossible);
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
    verdict.RefuseIf(day < world.today() || day < license.start || day > Shown(world, license, license.expiration),
                     "DATE_OUT_OF_RANGE");
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
  const Date day = request.has_expiration_date() ? DateOf(request.expiration_date()) : Date::min();
  const bool moves = request.has_expiration_date() && ExpirationOf(world, *key, world.today()) != day;
  for (const Key& license_key : licenses) {
    License& license = world.licenses.at(license_key);
    license.suspended.reset();
    if (!moves || day == license.expiration) continue;
    verdict.RefuseIf(day < license.expiration || day > Shown(world, license, license.grace_end), "DATE_OUT_OF_RANGE");
    verdict.RefuseIf(day > LimitOf(world.today(), kMaxRun, license.day), "DATE_OUT_OF_RANGE");
    license.day = static_cast<int>(day.day());
    license.expiration = day;
    license.grace_end = std::max(license.grace_end, day + subscription.terms.grace_days);
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
  CheckEndOfLife(world, *key, nullptr, verdict);
  CheckUpToDate(world, *key, verdict);
  const Customer& customer = world.customers.at(key->first);
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
  // A suite of which one license is left is no level of anything, but nobody says so.
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
  if (world.today() < license.expiration)
    license.grace_end = license.expiration + plan.terms.grace_days;  // else it has begun
  DropChanges(world, *key, Drop::kImpossible);
}

void Predict(const v1::CancelScheduledChangeRequest& request, World& world, Verdict& verdict) {
  const Key key = IdsOf(request.name());
  if (!CheckCustomer(world, key.first, verdict)) return;
  if (!world.changes.contains(key)) return verdict.Refuse("SCHEDULED_CHANGE_NOT_FOUND");
  verdict.RefuseIf(world.changes.at(key).state != "PENDING", "WRONG_STATE");
  if (!verdict.accepted()) return;
  world.changes.at(key).state = "CANCELED";
  DropChanges(world, {key.first, world.changes.at(key).subscription}, Drop::kImpossible);
}

void Predict(const v1::ActivateLicenseRequest& request, World& world, Verdict& verdict) {
  const Key key = IdsOf(request.name());
  if (!CheckCustomer(world, key.first, verdict, About::kSignIn)) return;
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
  EndLicenses(world, {key});
}

void Predict(const v1::ReportUsageRequest& request, World& world, Verdict& verdict) {
  verdict.RefuseIf(request.used_units() < 0 || request.used_units() > 999'999, "INVALID_FIELDS");
  const Key key = IdsOf(request.name());
  if (!CheckCustomer(world, key.first, verdict, About::kUse)) return;
  if (!world.licenses.contains(key)) return verdict.Refuse("LICENSE_NOT_FOUND");
  License& license = world.licenses.at(key);
  verdict.RefuseIf(Ended(world, license, world.today()), "WRONG_STATE");
  license.used = request.used_units();
}

}  // namespace lmp::random_test

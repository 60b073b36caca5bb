#include "server/domain/subscription/terms.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/patch.h"
#include "server/domain/period.h"
#include "server/domain/reasons.h"
#include "server/domain/subscription/alignment.h"
#include "server/domain/subscription/status.h"

namespace lmp::domain {

std::map<std::string, int> UnitsOf(const model::StringMap& units) {
  std::map<std::string, int> counts;
  for (const auto& [product_id, text] : units) {
    int count = 0;
    if (absl::SimpleAtoi(text, &count)) counts[product_id] = count;
  }
  return counts;
}

model::StringMap TextOf(const std::map<std::string, int>& units) {
  model::StringMap text;
  for (const auto& [product_id, count] : units) text[product_id] = absl::StrCat(count);
  return text;
}

TermsChange TermsOf(const model::ScheduledChange& change) {
  return {.units = UnitsOf(change.units),
          .expiration_date = change.expiration_date,
          .anchor_date = change.anchor_date,
          .auto_renewal = change.auto_renewal,
          .renewal_term_months = change.renewal_term_months,
          .expiration_notice_days = change.expiration_notice_days};
}

void SetTerms(const TermsChange& terms, model::ScheduledChange& change) {
  change.units = TextOf(terms.units);
  change.expiration_date = terms.expiration_date;
  change.anchor_date = terms.anchor_date;
  change.auto_renewal = terms.auto_renewal;
  change.renewal_term_months = terms.renewal_term_months;
  change.expiration_notice_days = terms.expiration_notice_days;
}

std::vector<model::License*> LiveLicenses(model::World& world, const model::Subscription& subscription, Date today) {
  std::vector<model::License*> licenses;
  for (auto& [key, license] : Range(world.licenses, subscription.customer_id)) {
    if (license.subscription_id == subscription.subscription_id && IsUnended(license, today))
      licenses.push_back(&license);
  }
  std::sort(licenses.begin(), licenses.end(), [](const model::License* a, const model::License* b) {
    return std::tie(a->product_id, a->license_id) < std::tie(b->product_id, b->license_id);
  });
  return licenses;
}

TermsChange Differing(const model::World& world, const model::Subscription& subscription, TermsChange change,
                      Date as_of) {
  const model::PlanTerms& terms = subscription.terms;
  for (const auto& [key, license] : Range(world.licenses, subscription.customer_id)) {
    if (license.subscription_id != subscription.subscription_id || !IsUnended(license, as_of)) continue;
    const auto units = change.units.find(license.product_id);
    if (units != change.units.end() && units->second == license.units) change.units.erase(units);
  }
  // A change with an anchor differs for each license, see ApplyTerms.
  if (!change.anchor_date.has_value() && change.expiration_date == ExpirationIn(world, subscription, as_of)) {
    change.expiration_date.reset();
  }
  if (change.auto_renewal == terms.auto_renewal) change.auto_renewal.reset();
  const bool turned_on = change.auto_renewal.value_or(false);  // then a term of 0 must not pass as no change
  if (change.renewal_term_months == terms.renewal_term_months && !turned_on) change.renewal_term_months.reset();
  if (change.expiration_notice_days == terms.expiration_notice_days) change.expiration_notice_days.reset();
  return change;
}

namespace {

bool AddsTo(const model::License& license, const TermsChange& change, Date shown_expiration) {
  const auto units = change.units.find(license.product_id);
  return change.auto_renewal.value_or(false) || change.renewal_term_months.has_value() ||
         (units != change.units.end() && units->second > license.units) ||
         (change.expiration_date.has_value() && *change.expiration_date > shown_expiration);
}

// Checks the expiration for the licenses that would get it.
void CheckExpiration(const model::World& world, const std::vector<model::License*>& licenses, const TermsChange& change,
                     Date day, FieldChecks& checks) {
  const End end{*change.expiration_date, change.anchor_date};
  Date latest_start = day;
  for (const model::License* license : licenses) latest_start = std::max(latest_start, license->start_date);
  Date limit = AddMonths(latest_start, kMaxTermMonths);
  bool moves = false;
  for (const model::License* license : licenses) {
    moves = moves || !HasEnd(world, *license, end);
    limit = std::max(limit, AddMonthsFrom(license->anchor_date, latest_start, kMaxTermMonths));
  }
  if (!moves && !licenses.empty()) return;
  checks.Require(end.expiration > latest_start, "expiration_date",
                 absl::StrCat("must be after ", absl::FormatCivilTime(latest_start)));
  checks.Require(end.expiration <= limit, "expiration_date",
                 absl::StrCat("must be at most ", kMaxTermMonths, " months away"));
}

}  // namespace

const model::License* AddsToEndOfLife(model::World& world, const model::Subscription& subscription,
                                      const TermsChange& change, Date today) {
  for (const model::License* license : LiveLicenses(world, subscription, today)) {
    const model::Product* product = Find(world.catalog->products, license->product_id);
    const bool at_end = product != nullptr && product->lifecycle == model::Lifecycle::kEndOfLife;
    if (at_end && AddsTo(*license, change, DatesIn(world, *license).expiration)) return license;
  }
  return nullptr;
}

std::vector<FieldViolation> TermsViolations(model::World& world, const model::Subscription& subscription,
                                            const TermsChange& change, Date as_of, Date day) {
  FieldChecks checks;
  const std::vector<model::License*> licenses = LiveLicenses(world, subscription, as_of);
  for (const auto& [product_id, units] : change.units) {
    const std::string field = absl::StrCat("units[", ProductName(product_id), "]");
    const auto license = std::find_if(licenses.begin(), licenses.end(),
                                      [&](const model::License* l) { return l->product_id == product_id; });
    const model::Product* product = Find(world.catalog->products, product_id);
    if (license == licenses.end() || product == nullptr) {
      checks.Require(false, field, "is not a product of this subscription");
    } else if (const LicenseDates dates = DatesIn(world, **license);
               !dates.renewal.has_value() && day >= dates.grace_end) {
      checks.Require(false, field, absl::StrCat("ends before, on ", absl::FormatCivilTime(dates.grace_end)));
    } else {
      checks.Range(field + ".units", units, product->min_units, product->max_units);
    }
  }
  if (change.expiration_date.has_value()) CheckExpiration(world, licenses, change, day, checks);
  const bool renewal = change.auto_renewal.value_or(subscription.terms.auto_renewal);
  if (change.renewal_term_months.has_value()) {
    checks.Require(renewal, "renewal_term_months", "goes with auto_renewal only");
    checks.Range("renewal_term_months", *change.renewal_term_months, 1, kMaxTermMonths);
  }
  if (change.expiration_notice_days.has_value()) {
    checks.Range("expiration_notice_days", *change.expiration_notice_days, 0, 365);
  }
  return checks.Take();
}

std::vector<FieldViolation> InRequest(std::vector<FieldViolation> violations, absl::string_view expiration_field) {
  for (FieldViolation& violation : violations) {
    if (violation.field == "expiration_date") {
      violation.field = std::string(expiration_field);
    } else if (!absl::StartsWith(violation.field, "units"))
      violation.field = "subscription." + violation.field;
  }
  return violations;
}

absl::Status RefuseFields(std::vector<FieldViolation> violations) {
  const bool dates =
      !violations.empty() && std::all_of(violations.begin(), violations.end(), [](const FieldViolation& v) {
        return v.field.ends_with("_date") || v.field == "align.subscription" ||
               v.field == "term_months";  // violations that say that the term ends on a wrong day
      });
  if (!dates) return InvalidFields(std::move(violations));
  return Refuse(absl::StatusCode::kOutOfRange, absl::StrCat(violations[0].field, " ", violations[0].description),
                {.reason = reason::kDateOutOfRange, .violations = violations});
}

bool RunsOn(const model::World& world, const model::Subscription& subscription, Date day) {
  for (const auto& [key, license] : Range(world.licenses, subscription.customer_id)) {
    if (license.subscription_id != subscription.subscription_id || !IsUnended(license, day - 1)) continue;
    const LicenseDates dates = DatesIn(world, license);
    if (dates.renewal.has_value() || day < dates.grace_end) return true;
  }
  return false;
}

void ApplyTerms(model::World& world, model::Subscription& subscription, const TermsChange& change, Date as_of) {
  model::PlanTerms& terms = subscription.terms;
  if (change.auto_renewal.has_value()) terms.auto_renewal = *change.auto_renewal;
  if (!terms.auto_renewal) {
    terms.renewal_term_months = 0;
  } else if (change.renewal_term_months.has_value()) {
    terms.renewal_term_months = *change.renewal_term_months;
  } else if (terms.renewal_term_months == 0) {
    terms.renewal_term_months = std::min(terms.initial_term_months, 12);
  }
  if (change.expiration_notice_days.has_value()) terms.expiration_notice_days = *change.expiration_notice_days;
  for (model::License* license : LiveLicenses(world, subscription, as_of)) {
    if (change.expiration_notice_days.has_value()) license->expiration_notice_days = terms.expiration_notice_days;
    if (const auto units = change.units.find(license->product_id); units != change.units.end()) {
      license->units = units->second;
    }
    if (!change.expiration_date.has_value()) continue;
    const End end{*change.expiration_date, change.anchor_date};
    if (HasEnd(world, *license, end)) continue;
    if (license->expiration_date != end.expiration) SetExpiration(*license, end.expiration, terms.grace_period_days);
    license->anchor_date = end.anchor.value_or(end.expiration);
  }
}

void SetExpiration(model::License& license, Date expiration, int grace_days) {
  license.expiration_date = expiration;
  license.grace_end_date = expiration + grace_days;
}

Date LatestExpiration(const model::License& license, Date today) {
  const Date from = std::max(license.expiration_date, today);
  return std::min(AddMonthsFrom(license.anchor_date, from, kMaxTermMonths),
                  AddMonthsFrom(license.anchor_date, today, kMaxMonthsAhead));
}

Date Extended(const model::License& license, int months) {
  return AddMonthsFrom(license.anchor_date, license.expiration_date, months);
}

}  // namespace lmp::domain

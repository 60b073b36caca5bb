#include "server/domain/subscription_terms.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/domain/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/patch.h"
#include "server/domain/period.h"

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
          .auto_renewal = change.auto_renewal,
          .renewal_term_months = change.renewal_term_months,
          .expiration_notice_days = change.expiration_notice_days};
}

void SetTerms(const TermsChange& terms, model::ScheduledChange& change) {
  change.units = TextOf(terms.units);
  change.expiration_date = terms.expiration_date;
  change.auto_renewal = terms.auto_renewal;
  change.renewal_term_months = terms.renewal_term_months;
  change.expiration_notice_days = terms.expiration_notice_days;
}

std::vector<model::License*> LiveLicenses(model::World& world, const model::Subscription& subscription, Date today) {
  std::vector<model::License*> licenses;
  for (auto& [key, license] : Range(world.licenses, subscription.customer_id)) {
    if (license.subscription_id == subscription.subscription_id && IsUnended(license, today)) licenses.push_back(&license);
  }
  std::sort(licenses.begin(), licenses.end(), [](const model::License* a, const model::License* b) {
    return std::tie(a->product_id, a->license_id) < std::tie(b->product_id, b->license_id);
  });
  return licenses;
}

std::vector<FieldViolation> TermsViolations(model::World& world, const model::Subscription& subscription,
                                            const TermsChange& change, Date today, Date day) {
  FieldChecks checks;
  const std::vector<model::License*> licenses = LiveLicenses(world, subscription, today);
  for (const auto& [product_id, units] : change.units) {
    const std::string field = absl::StrCat("units[", ProductName(product_id), "]");
    const auto license = std::find_if(licenses.begin(), licenses.end(),
                                      [&](const model::License* l) { return l->product_id == product_id; });
    const model::Product* product = Find(world.catalogue->products, product_id);
    if (license == licenses.end() || product == nullptr) {
      checks.Require(false, field, "is not a product of this subscription");
    } else if (!subscription.terms.auto_renewal && day >= (*license)->grace_end_date) {
      checks.Require(false, field, absl::StrCat("ends before, on ", absl::FormatCivilTime((*license)->grace_end_date)));
    } else {
      checks.Range(field + ".units", units, product->min_units, product->max_units);
    }
  }
  if (change.expiration_date.has_value()) {
    Date latest_start = day;
    for (const model::License* license : licenses) latest_start = std::max(latest_start, license->start_date);
    checks.Require(*change.expiration_date > latest_start, "expiration_date",
                   absl::StrCat("must be after ", absl::FormatCivilTime(latest_start)));
    checks.Require(*change.expiration_date <= AddMonths(latest_start, kMaxTermMonths), "expiration_date",
                   absl::StrCat("must be at most ", kMaxTermMonths, " months away"));
  }
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

void ApplyTerms(model::World& world, model::Subscription& subscription, const TermsChange& change, Date day) {
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
  for (model::License* license : LiveLicenses(world, subscription, day)) {
    license->expiration_notice_days = terms.expiration_notice_days;
    if (const auto units = change.units.find(license->product_id); units != change.units.end()) {
      license->units = units->second;
    }
    if (change.expiration_date.has_value()) {
      SetExpiration(*license, *change.expiration_date, terms.grace_period_days);
      license->anchor_date = *change.expiration_date;
    }
  }
}

void SetExpiration(model::License& license, Date expiration, int grace_days) {
  license.expiration_date = expiration;
  license.grace_end_date = expiration + grace_days;
}

Date Extended(const model::License& license, int months) {
  return AddMonths(license.anchor_date, MonthsBetween(license.anchor_date, license.expiration_date) + months);
}

}  // namespace lmp::domain

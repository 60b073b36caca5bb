#include "server/domain/license/explain.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/event_kinds.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/period.h"

namespace lmp::domain {
namespace {

using model::License;
using LicenseChange = Recorded<License>;

std::string Day(Date date) { return absl::FormatCivilTime(date); }
std::string Count(int64_t n, absl::string_view noun) { return absl::StrCat(n, " ", noun, n == 1 ? "" : "s"); }

Date DayOf(const model::Event& event) {
  return event.effective_date.value_or(absl::ToCivilDay(event.event_time, absl::UTCTimeZone()));
}

// Returns "SUBSCRIPTION_RENEWED on 2026-03-01: …".
std::string Because(const model::Event& event, absl::string_view rule) {
  return absl::StrCat(event.kind, " on ", Day(DayOf(event)), ": ", rule);
}

std::optional<model::Event> Stored(const model::Event& event) {
  if (event.event_id == 0) return std::nullopt;
  return event;
}

// The last change for which `set(row before, row after)` is true; for a new row, the row before is null.
template <class Row, class F>
const Recorded<Row>* LastThat(const std::vector<Recorded<Row>>& changes, F set) {
  const auto it = std::find_if(changes.rbegin(), changes.rend(), [&](const Recorded<Row>& change) {
    return set(change.before.has_value() ? &*change.before : nullptr, change.after);
  });
  return it == changes.rend() ? nullptr : &*it;
}

// The last change of one of the license's columns.
template <class T>
const LicenseChange* LastChangeOf(const LicenseHistory& history, T License::*column) {
  return LastThat(history.license, [&](const License* before, const License& after) {
    return before == nullptr || before->*column != after.*column;
  });
}

bool Created(const LicenseChange& change) { return !change.before.has_value(); }
// True if a crossgrade moved the license, or it joined a subscription.
bool Moved(const LicenseChange& change) {
  return !Created(change) && change.after.subscription_id.has_value() &&
         change.before->subscription_id != change.after.subscription_id;
}

bool Is(const LicenseChange& change, absl::string_view kind) { return change.event.kind == kind; }

std::string RuleOfUnits(const LicenseChange& change) {
  if (Created(change) || Moved(change)) {
    if (change.after.nfr) return "fixed, the product's least: the plan is not for resale";
    return Created(change) ? "the units given when the license was made"
                           : absl::StrCat("the units given with the plan that took the license over, ",
                                          change.before->units, " before");
  }
  const char* how = Is(change, event::kScheduledChangeApplied) ? "as scheduled for this day" : "the units given";
  return absl::StrCat(how, ", ", change.before->units, " before");
}

std::string RuleOfStart(const LicenseChange& change) {
  const int64_t days = change.after.start_date - DayOf(change.event);
  if (days == 0) return "the day of the assignment";
  return absl::StrCat("the start date given, ", Count(days > 0 ? days : -days, "day"), days > 0 ? " after" : " before",
                      " the assignment");
}

std::string RuleOfExpiration(const LicenseChange& change) {
  const License& after = change.after;
  const std::string initial =
      absl::StrCat("the plan's initial term of ",
                   Count(MonthsBetween(after.start_date, after.expiration_date), "month"), " from the start");
  const bool whole_term = after.anchor_date == after.start_date;
  if (Created(change) || Moved(change)) {
    if (whole_term) return initial;
    return "a date given, or together with a subscription, instead of the plan's initial term";
  }
  const License& before = *change.before;
  const std::string was = absl::StrCat(", ", Day(before.expiration_date), " before");
  if (Is(change, event::kScheduledChangeApplied)) return absl::StrCat("as scheduled for this day", was);
  if (Is(change, event::kSubscriptionUnsuspended)) return absl::StrCat("the date given when the suspension ended", was);
  // Terms count from the anchor. A date that was given is its own anchor.
  const int months = MonthsBetween(before.anchor_date, after.expiration_date) -
                     MonthsBetween(before.anchor_date, before.expiration_date);
  if (after.anchor_date == before.anchor_date && months > 0) {
    return absl::StrCat(change.event.effective_date.has_value() ? "renewed by itself: the renewal term of "
                                                                : "renewed by hand: a term of ",
                        Count(months, "month"), " from the expiration before, ", Day(before.expiration_date),
                        ", with the anchor day ", after.anchor_date.day());
  }
  return absl::StrCat("the date given, or together with another subscription", was);
}

std::string RuleOfGraceEnd(const LicenseChange& change) {
  const int64_t days = change.after.grace_end_date - change.after.expiration_date;
  if (days == 0) return "the plan has no grace period: the license ends when it expires";
  return absl::StrCat(Count(days, "day"), " of grace after the expiration, as the plan has it");
}

std::string RuleOfSubscription(const LicenseChange& change) {
  const License& after = change.after;
  if (Created(change)) return "the license was made with this subscription";
  const std::string from = change.before->subscription_id.has_value()
                               ? SubscriptionName(after.customer_id, *change.before->subscription_id)
                               : "";
  if (!after.subscription_id.has_value()) {
    return absl::StrCat("left without a subscription, no longer part of ", from, ": it runs to its own expiration");
  }
  return from.empty() ? "moved here, unbundled before" : absl::StrCat("moved here from ", from);
}

template <class T>
Explanation ExplainField(const LicenseHistory& history, const char* field, T License::*column,
                         std::string (*rule)(const LicenseChange&)) {
  const LicenseChange* change = LastChangeOf(history, column);
  if (change == nullptr) return {field, "no event tells", std::nullopt};
  return {field, Because(change->event, rule(*change)), Stored(change->event)};
}

// Explains the state as "STATE: why", with the change that brought it, if there was one.
template <class Row>
Explanation StateFrom(model::LicenseState state, absl::string_view why, const Recorded<Row>* change) {
  std::string rule = absl::StrCat(NameOf(state), ": ", why);
  if (change == nullptr) return {"state", std::move(rule), std::nullopt};
  absl::StrAppend(&rule, " (", change->event.kind, " on ", Day(DayOf(change->event)), ")");
  return {"state", std::move(rule), Stored(change->event)};
}

// Explains the state if an overlay determines it; the strongest comes first, as in LicenseStateOf.
std::optional<Explanation> ExplainOwners(const model::World& world, const License& license,
                                         const LicenseHistory& history) {
  const auto disabled = model::LicenseState::kDisabled;
  const model::Customer* customer = Find(world.customers, license.customer_id);
  if (customer == nullptr) return std::nullopt;
  const model::Partner* partner = Find(world.catalog->partners, customer->partner_id);
  if (partner != nullptr && partner->state == model::PartnerState::kCanceled) {
    return StateFrom(disabled, "the partner is canceled",
                     LastThat(history.partner, [](const model::Partner* before, const model::Partner& after) {
                       return before == nullptr || before->state != after.state;
                     }));
  }
  if (customer->state == model::CustomerState::kDisabled) {
    return StateFrom(disabled, "the customer is disabled",
                     LastThat(history.customer, [](const model::Customer* before, const model::Customer& after) {
                       return before == nullptr || before->state != after.state;
                     }));
  }
  if (customer->delete_time.has_value()) {
    return StateFrom(disabled, "the customer is deleted",
                     LastThat(history.customer, [](const model::Customer* before, const model::Customer& after) {
                       return before == nullptr || before->delete_time != after.delete_time;
                     }));
  }
  return std::nullopt;
}

const Recorded<model::Product>* EndOfLife(const LicenseHistory& history) {
  return LastThat(history.product, [](const model::Product* before, const model::Product& after) {
    return before == nullptr || before->end_of_life_date != after.end_of_life_date;
  });
}

// Explains a date of the license. If its product's life ends before that date, the end of life is shown and explained.
Explanation ExplainDate(const LicenseHistory& history, const char* field, Date License::*column, Date stored,
                        Date shown, std::string (*rule)(const LicenseChange&)) {
  const LicenseChange* change = LastChangeOf(history, column);
  const Recorded<model::Product>* life = EndOfLife(history);
  // The row then has the dates that were shown.
  const bool stored_so = change != nullptr && Is(*change, event::kLicenseEnded);
  if (life == nullptr || (shown == stored && !stored_so)) return ExplainField(history, field, column, rule);
  const Date otherwise = stored_so && change->before.has_value() ? (*change->before).*column : stored;
  return {field, Because(life->event, absl::StrCat("the end of the product's life, ", Day(otherwise), " otherwise")),
          Stored(life->event)};
}

Explanation ExplainEnd(const model::World& world, const License& license, const LicenseHistory& history) {
  const model::Product* product = Find(world.catalog->products, license.product_id);
  if (product != nullptr && product->end_of_life_date.has_value() &&
      *product->end_of_life_date <= license.grace_end_date) {
    return StateFrom(model::LicenseState::kExpired,
                     absl::StrCat(ProductName(product->product_id), " reached the end of its life on ",
                                  Day(*product->end_of_life_date)),
                     EndOfLife(history));
  }
  const LicenseChange* none = nullptr;
  return StateFrom(model::LicenseState::kExpired,
                   absl::StrCat("it expired on ", Day(license.expiration_date), " and its grace ended on ",
                                Day(license.grace_end_date)),
                   license.closed ? LastChangeOf(history, &License::closed) : none);
}

Explanation ExplainState(const model::World& world, const License& license, const LicenseHistory& history, Date today) {
  const model::LicenseState state = LicenseStateIn(world, license, today);
  const LicenseDates dates = DatesIn(world, license);
  const LicenseChange* none = nullptr;
  const std::string expiration = Day(dates.expiration);
  const std::string notice = Count(NoticeDays(license, dates.expiration), "day");
  const auto of_time = [&](const std::string& why) { return StateFrom(state, why, none); };
  switch (state) {
    case model::LicenseState::kDisabled:
      if (auto overlaid = ExplainOwners(world, license, history)) return *std::move(overlaid);
      return StateFrom(state, "it was ended before its time", LastChangeOf(history, &License::closed));
    case model::LicenseState::kExpired:
      return ExplainEnd(world, license, history);
    case model::LicenseState::kSuspended:
      return StateFrom(state,
                       absl::StrCat("its subscription is suspended, and it stopped on ", Day(*license.suspend_date)),
                       LastChangeOf(history, &License::suspend_date));
    case model::LicenseState::kPending:
      return of_time(absl::StrCat("it starts on ", Day(license.start_date)));
    case model::LicenseState::kNotActivated:
      return of_time("it waits for the first sign-in, as the plan has it");
    case model::LicenseState::kGrace:
      return of_time(
          absl::StrCat("it expired on ", expiration, " and can be used and renewed until ", Day(dates.grace_end)));
    case model::LicenseState::kExpiringSoon:
      return of_time(absl::StrCat("today is within ", notice, " of the expiration on ", expiration));
    case model::LicenseState::kActive:
      if (dates.renewal.has_value())
        return of_time(absl::StrCat("it has started and renews by itself on ", expiration));
      return of_time(
          absl::StrCat("it has started and today is not yet within ", notice, " of the expiration on ", expiration));
    case model::LicenseState::kUnspecified:
      break;
  }
  return of_time("");
}

}  // namespace

std::vector<Explanation> ExplainLicense(const model::World& world, const model::License& license,
                                        const LicenseHistory& history, Date today) {
  const LicenseDates dates = DatesIn(world, license);
  return {ExplainField(history, "units", &License::units, RuleOfUnits),
          ExplainField(history, "start_date", &License::start_date, RuleOfStart),
          ExplainDate(history, "expiration_date", &License::expiration_date, license.expiration_date, dates.expiration,
                      RuleOfExpiration),
          ExplainDate(history, "grace_end_date", &License::grace_end_date, license.grace_end_date, dates.grace_end,
                      RuleOfGraceEnd),
          ExplainField(history, "subscription", &License::subscription_id, RuleOfSubscription),
          ExplainState(world, license, history, today)};
}

}  // namespace lmp::domain

#include "server/domain/decision/advisories.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "server/domain/license/license_status.h"
#include "server/domain/lookup.h"
#include "server/domain/period.h"
#include "server/domain/subscription/terms.h"
#include "storage/model/change_set.h"

namespace lmp::domain {
namespace {

using model::License;
using model::ScheduledChange;
using model::Subscription;
using model::World;

constexpr int kManyTimes = 10;

std::string Text(Date day) { return absl::FormatCivilTime(day); }
std::string NameOf(const License& license) { return LicenseName(license.customer_id, license.license_id); }
std::string NameOf(const Subscription& subscription) {
  return SubscriptionName(subscription.customer_id, subscription.subscription_id);
}

const Subscription* SubscriptionOf(const World& world, const License& license) {
  if (!license.subscription_id.has_value()) return nullptr;
  return Find(world.subscriptions, license.customer_id, *license.subscription_id);
}

// True if the caller may choose the subscription's terms and the subscription is not suspended, so that something can
// be said about its renewal.
bool IsOpen(const Subscription& subscription) {
  return subscription.state == model::SubscriptionState::kActive &&
         subscription.terms.version == model::PlanVersion::kFull && !subscription.terms.nfr;
}

bool Renews(const Subscription* subscription) {
  return subscription != nullptr && subscription->state == model::SubscriptionState::kActive &&
         subscription->terms.auto_renewal;
}

class Advisor final {
 public:
  Advisor(const World& before, const World& after, Date today) : before_(before), after_(after), today_(today) {}

  std::vector<Advisory> Run() {
    model::ForEachChange(before_.licenses, after_.licenses, [this](const License* old, const License& license) {
      if (!IsUnended(license, today_)) return;
      CheckTerm(old, license);
      CheckUnits(old, license);
      CheckLevels(old, license);
      CheckLeftBehind(old, license);
    });
    model::ForEachChange(before_.subscriptions, after_.subscriptions,
                         [this](const Subscription* old, const Subscription& subscription) {
                           CheckStart(old, subscription);
                           CheckRenewal(old, subscription);
                         });
    model::ForEachChange(before_.scheduled_changes, after_.scheduled_changes,
                         [this](const ScheduledChange* old, const ScheduledChange& change) {
                           if (old == nullptr) CheckWaiting(change);
                         });
    return std::move(found_);
  }

 private:
  void Say(AdvisoryCode code, std::string resource, std::string text) {
    found_.push_back({code, std::move(resource), std::move(text)});
  }

  void CheckTerm(const License* old, const License& license) {
    if (old != nullptr) {
      if (license.expiration_date >= old->expiration_date) return;
      return Say(AdvisoryCode::kTermShortened, NameOf(license),
                 absl::StrCat("ends on ", Text(license.expiration_date), ", not on ", Text(old->expiration_date)));
    }
    // A license that joins a subscription that runs takes over the subscription's end.
    const Subscription* subscription = SubscriptionOf(after_, license);
    if (subscription == nullptr ||
        Find(before_.subscriptions, license.customer_id, subscription->subscription_id) != nullptr) {
      return;
    }
    const Date whole = AddMonths(license.start_date, subscription->terms.initial_term_months);
    if (license.expiration_date >= whole) return;
    Say(AdvisoryCode::kTermShortened, NameOf(license),
        absl::StrCat("ends on ", Text(license.expiration_date), ": the plan's term of ",
                     subscription->terms.initial_term_months, " months would run to ", Text(whole)));
  }

  void CheckUnits(const License* old, const License& license) {
    if (old != nullptr) return CompareUnits(old->units, license.units, NameOf(license), "");
    const License* largest = nullptr;  // of those that the customer had in this kind of unit
    for (const auto& [key, other] : Range(before_.licenses, license.customer_id)) {
      if (other.unit != license.unit || !IsUnended(other, today_)) continue;
      if (largest == nullptr || other.units > largest->units) largest = &other;
    }
    if (largest == nullptr || license.units / kManyTimes < largest->units) return;
    Say(AdvisoryCode::kUnitsMultiplied, NameOf(license),
        absl::StrCat("has ", license.units, " units: the customer's largest license in this kind of unit, ",
                     NameOf(*largest), ", has ", largest->units));
  }

  void CompareUnits(int before, int after, const std::string& resource, const std::string& prefix) {
    if (after < before) {
      Say(AdvisoryCode::kUnitsReduced, resource,
          absl::StrCat(prefix, "has ", after, " units, not ", before, ": units given are the new total"));
    } else if (after / kManyTimes >= before) {
      Say(AdvisoryCode::kUnitsMultiplied, resource, absl::StrCat(prefix, "has ", after, " units, not ", before));
    }
  }

  void CheckLevels(const License* old, const License& license) {
    if (old != nullptr && old->product_id == license.product_id) return;
    const model::Product* product = Find(after_.catalog->products, license.product_id);
    if (product == nullptr || product->family.empty()) return;
    for (const auto& [key, other] : Range(after_.licenses, license.customer_id)) {
      const model::Product* beside = Find(after_.catalog->products, other.product_id);
      if (beside == nullptr || beside->family != product->family || beside->level == product->level ||
          !IsUnended(other, today_)) {
        continue;
      }
      Say(AdvisoryCode::kOtherLevelHeld, NameOf(license),
          absl::StrCat(NameOf(other), other.version == model::PlanVersion::kTrial ? " (a trial)" : "", " of ",
                       ProductName(other.product_id),
                       " is on another level of the same family: changing its service plan ",
                       "would move it to this one"));
    }
  }

  // A crossgrade took the other licenses of the subscription, and nothing renews the license that it left.
  void CheckLeftBehind(const License* old, const License& license) {
    if (old == nullptr || license.subscription_id.has_value()) return;
    const Subscription* left = SubscriptionOf(before_, *old);
    if (!Renews(left) || !IsOpen(*left)) return;
    Say(AdvisoryCode::kNeverRenews, NameOf(license),
        absl::StrCat("is left without a subscription: ends on ", Text(license.expiration_date), ", nothing renews it"));
  }

  void CheckStart(const Subscription* old, const Subscription& subscription) {
    if (old != nullptr || subscription.start_date >= today_) return;
    Say(AdvisoryCode::kBackdated, NameOf(subscription),
        absl::StrCat("starts on ", Text(subscription.start_date), ", ", today_ - subscription.start_date,
                     " days before today"));
  }

  void CheckRenewal(const Subscription* old, const Subscription& subscription) {
    if (!IsOpen(subscription) || subscription.terms.auto_renewal || (old != nullptr && !Renews(old))) return;
    std::optional<Date> last;
    for (const auto& [key, license] : Range(after_.licenses, subscription.customer_id)) {
      if (license.subscription_id != subscription.subscription_id || !IsUnended(license, today_)) continue;
      last = std::max(last.value_or(license.expiration_date), license.expiration_date);
    }
    if (!last.has_value()) return;
    Say(AdvisoryCode::kNeverRenews, NameOf(subscription), absl::StrCat("ends on ", Text(*last), ", nothing renews it"));
  }

  // Compares with what will be there on that day: the changes that take effect before; if there are none, the licenses
  // as they are.
  void CheckWaiting(const ScheduledChange& change) {
    const Subscription* subscription = Find(after_.subscriptions, change.customer_id, change.subscription_id);
    if (subscription == nullptr) return;
    const std::string name = ScheduledChangeName(change.customer_id, change.change_id);
    const std::string on = absl::StrCat("on ", Text(change.effective_date), " ");
    const std::map<std::string, int> units = UnitsOf(change.units);
    for (const auto& [key, license] : Range(after_.licenses, change.customer_id)) {
      if (license.subscription_id != change.subscription_id || !IsUnended(license, today_)) continue;
      if (const auto wanted = units.find(license.product_id); wanted != units.end()) {
        CompareUnits(UnitsBefore(change, license), wanted->second, name, absl::StrCat(on, NameOf(license), " "));
      }
      if (change.expiration_date.has_value() && *change.expiration_date < license.expiration_date) {
        Say(AdvisoryCode::kTermShortened, name,
            absl::StrCat(on, NameOf(license), " ends on ", Text(*change.expiration_date), ", not on ",
                         Text(license.expiration_date)));
      }
    }
    if (change.auto_renewal == false && Renews(subscription)) {
      Say(AdvisoryCode::kNeverRenews, name,
          absl::StrCat("from ", Text(change.effective_date), " nothing renews ", NameOf(*subscription)));
    }
  }

  int UnitsBefore(const ScheduledChange& change, const License& license) const {
    int units = license.units;
    Date latest;
    for (const auto& [key, other] : Range(after_.scheduled_changes, change.customer_id)) {
      if (other.subscription_id != change.subscription_id || other.change_id == change.change_id ||
          other.state != model::ChangeState::kPending || other.effective_date > change.effective_date ||
          other.effective_date < latest) {
        continue;
      }
      const std::map<std::string, int> sets = UnitsOf(other.units);
      const auto set = sets.find(license.product_id);
      if (set == sets.end()) continue;
      units = set->second;
      latest = other.effective_date;
    }
    return units;
  }

  const World& before_;
  const World& after_;
  const Date today_;
  std::vector<Advisory> found_;
};

}  // namespace

absl::string_view NameOf(AdvisoryCode code) {
  static constexpr absl::string_view kNames[] = {
      "ADVISORY_CODE_UNSPECIFIED", "TERM_SHORTENED", "UNITS_REDUCED", "UNITS_MULTIPLIED",
      "OTHER_LEVEL_HELD",          "BACKDATED",      "NEVER_RENEWS"};
  return kNames[static_cast<size_t>(code)];
}

std::vector<Advisory> Advisories(const World& before, const World& after, Date today) {
  return Advisor(before, after, today).Run();
}

}  // namespace lmp::domain

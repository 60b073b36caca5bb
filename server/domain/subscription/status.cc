#include "server/domain/subscription/status.h"

#include <algorithm>

#include "server/domain/license/license_status.h"

namespace lmp::domain {
namespace {

// True if the license is closed, or is past its end and not yet closed.
bool HasEnded(const model::License& license, const LicenseDates& dates, Date today) {
  return license.closed || today >= dates.grace_end;
}

}  // namespace

model::SubscriptionState SubscriptionStateIn(const model::World& world, const model::Subscription& subscription,
                                             Date today) {
  if (!model::Runs(subscription)) return subscription.state;
  bool any = false;
  for (const auto& [key, license] : Range(world.licenses, subscription.customer_id)) {
    if (license.subscription_id != subscription.subscription_id) continue;
    any = true;
    const StateOverlays overlays = OverlaysIn(world, license);
    if (overlays.partner == model::PartnerState::kCanceled) break;
    if (!HasEnded(license, DatesOf(license, overlays), today)) return subscription.state;
  }
  return any ? model::SubscriptionState::kEnded : subscription.state;
}

std::optional<Date> ExpirationIn(const model::World& world, const model::Subscription& subscription, Date today) {
  std::optional<Date> latest;
  for (const auto& [key, license] : Range(world.licenses, subscription.customer_id)) {
    if (license.subscription_id != subscription.subscription_id) continue;
    const LicenseDates dates = DatesIn(world, license);
    if (!HasEnded(license, dates, today)) latest = std::max(latest.value_or(dates.expiration), dates.expiration);
  }
  return latest;
}

}  // namespace lmp::domain

#include "server/domain/subscription/alignment.h"

#include "server/domain/license/license_status.h"
#include "server/domain/refusal.h"

namespace lmp::domain {

absl::StatusOr<End> EndOf(const model::World& world, const std::string& customer_id, const AlignmentChoice& choice,
                          Date today) {
  if (choice.date.has_value()) return End{*choice.date, std::nullopt};
  std::optional<End> latest;
  const model::License* of = nullptr;
  for (const auto& [key, license] : Range(world.licenses, customer_id)) {
    if (license.subscription_id != choice.subscription || !IsUnended(license, today)) continue;
    const Date expiration = DatesIn(world, license).expiration;
    const bool later = !latest.has_value() || expiration > latest->expiration ||
                       (expiration == latest->expiration && license.product_id < of->product_id);
    if (!later) continue;
    of = &license;
    // At the end of its product's life a license no longer renews, so there is no anchor to share.
    latest = End{expiration, expiration == license.expiration_date ? license.anchor_date : expiration};
  }
  if (latest.has_value()) return *latest;
  return InvalidFields({{choice.field(), "is not a subscription of the customer with licenses that have not ended"}});
}

bool HasEnd(const model::World& world, const model::License& license, const End& end) {
  return DatesIn(world, license).expiration == end.expiration &&
         (!end.anchor.has_value() || end.anchor->day() == license.anchor_date.day());
}

}  // namespace lmp::domain

#include "server/domain/decision/room.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

enum class Counted { kOpenLicenses, kOpenLicensesOfProduct, kLicensesEver, kChanges, kChangesOfSubscription };

// How many there are, by what is counted and the customer with, where it is about one, the product or subscription.
using Counts = std::map<std::pair<Counted, model::RowKey>, size_t>;

void CountLicenses(const model::World& world, Counts& counts) {
  for (const auto& [key, customer] : world.customers) {
    size_t open = 0, ever = 0;
    for (const auto& [license_key, license] : Range(world.licenses, key.first)) {
      ++ever;
      if (license.closed) continue;
      ++open;
      ++counts[{Counted::kOpenLicensesOfProduct, {key.first, license.product_id}}];
    }
    counts[{Counted::kOpenLicenses, {key.first, ""}}] = open;
    counts[{Counted::kLicensesEver, {key.first, ""}}] = ever;
  }
}

void CountChanges(const model::World& world, Counts& counts) {
  for (const auto& [key, change] : world.scheduled_changes) {
    if (change.state != model::ChangeState::kPending) continue;
    ++counts[{Counted::kChanges, {change.customer_id, ""}}];
    ++counts[{Counted::kChangesOfSubscription, {change.customer_id, change.subscription_id}}];
  }
}

size_t LimitOf(Counted counted, const Room& room) {
  switch (counted) {
    case Counted::kOpenLicenses:
      return room.licenses;
    case Counted::kOpenLicensesOfProduct:
      return room.licenses_of_product;
    case Counted::kLicensesEver:
      return room.licenses_ever;
    case Counted::kChanges:
      return room.changes;
    case Counted::kChangesOfSubscription:
      return room.changes_of_subscription;
  }
  return 0;
}

absl::Status Full(Counted counted, const model::RowKey& key, size_t has, size_t limit) {
  const std::string would_have = absl::StrCat(", and this one would have ", has);
  std::string resource = CustomerName(key.first), text;
  std::map<std::string, std::string> metadata{{"limit", absl::StrCat(limit)}};
  switch (counted) {
    case Counted::kOpenLicenses:
      text = absl::StrCat("a customer may have ", limit, " licenses that have not ended", would_have);
      break;
    case Counted::kOpenLicensesOfProduct:
      metadata["product"] = ProductName(key.second);
      text = absl::StrCat("a customer may have ", limit, " licenses of ", metadata["product"], " that have not ended",
                          would_have);
      break;
    case Counted::kLicensesEver:
      text = absl::StrCat("a customer may have ", limit, " licenses in all, with those that have ended", would_have,
                          ": create another customer for the new ones");
      break;
    case Counted::kChanges:
      text = absl::StrCat("a customer may have ", limit, " scheduled changes that wait", would_have, ": cancel some");
      break;
    case Counted::kChangesOfSubscription:
      resource = SubscriptionName(key.first, key.second);
      text =
          absl::StrCat("a subscription may have ", limit, " scheduled changes that wait", would_have, ": cancel some");
      break;
  }
  return Precondition(reason::kCustomerFull, resource, text, std::move(metadata));
}

}  // namespace

absl::Status CheckRoom(const model::World& before, const model::World& after, const Room& room) {
  Counts had, has;
  if (after.licenses.size() > std::min({room.licenses, room.licenses_of_product, room.licenses_ever})) {
    CountLicenses(before, had);
    CountLicenses(after, has);
  }
  if (after.scheduled_changes.size() > std::min(room.changes, room.changes_of_subscription)) {
    CountChanges(before, had);
    CountChanges(after, has);
  }
  for (const auto& [what, count] : has) {
    const size_t limit = LimitOf(what.first, room);
    if (count > limit && count > had[what]) return Full(what.first, what.second, count, limit);
  }
  return absl::OkStatus();
}

}  // namespace lmp::domain

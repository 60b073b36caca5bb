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

// Licenses of a customer that are not closed: in all, and by product.
struct Open {
  size_t all = 0;
  std::map<std::string, size_t> of_product;
};

Open OpenOf(const model::World& world, const std::string& customer_id) {
  Open open;
  for (const auto& [key, license] : Range(world.licenses, customer_id)) {
    if (license.closed) continue;
    ++open.all;
    ++open.of_product[license.product_id];
  }
  return open;
}

absl::Status Compare(const std::string& customer_id, const std::string& product_id, size_t had, size_t has,
                     size_t limit) {
  if (has <= limit || has <= had) return absl::OkStatus();
  const std::string of = product_id.empty() ? "" : absl::StrCat(" of ", ProductName(product_id));
  std::map<std::string, std::string> metadata{{"limit", absl::StrCat(limit)}};
  if (!product_id.empty()) metadata["product"] = ProductName(product_id);
  return Precondition(reason::kCustomerFull, CustomerName(customer_id),
                      absl::StrCat("a customer may have ", limit, " licenses", of,
                                   " that have not ended, and this one would have ", has),
                      std::move(metadata));
}

// By subscription.
std::map<model::RowKey, size_t> WaitingIn(const model::World& world) {
  std::map<model::RowKey, size_t> waiting;
  for (const auto& [key, change] : world.scheduled_changes) {
    if (change.state == model::ChangeState::kPending) ++waiting[{change.customer_id, change.subscription_id}];
  }
  return waiting;
}

absl::Status CheckChanges(const model::World& before, const model::World& after, size_t limit) {
  if (after.scheduled_changes.size() <= limit) return absl::OkStatus();
  std::map<model::RowKey, size_t> had = WaitingIn(before);
  for (const auto& [key, has] : WaitingIn(after)) {
    if (has <= limit || has <= had[key]) continue;
    const std::string name = SubscriptionName(key.first, key.second);
    return Precondition(reason::kCustomerFull, name,
                        absl::StrCat("a subscription may have ", limit, " scheduled changes that wait, and ", name,
                                     " would have ", has, ": cancel some"),
                        {{"limit", absl::StrCat(limit)}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckRoom(const model::World& before, const model::World& after, const Room& room) {
  RETURN_IF_ERROR(CheckChanges(before, after, room.changes_of_subscription));
  if (after.licenses.size() <= std::min(room.licenses, room.licenses_of_product)) return absl::OkStatus();
  for (const auto& [key, customer] : after.customers) {
    const Open had = OpenOf(before, key.first), has = OpenOf(after, key.first);
    RETURN_IF_ERROR(Compare(key.first, "", had.all, has.all, room.licenses));
    for (const auto& [product_id, count] : has.of_product) {
      const auto of_product = had.of_product.find(product_id);
      RETURN_IF_ERROR(Compare(key.first, product_id, of_product == had.of_product.end() ? 0 : of_product->second, count,
                              room.licenses_of_product));
    }
  }
  return absl::OkStatus();
}

}  // namespace lmp::domain

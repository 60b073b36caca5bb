#include "server/rpcs/event_render.h"

#include <set>
#include <string>
#include <utility>

#include "server/wire/changes.h"
#include "server/wire/license_fact.h"
#include "storage/rows/images.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::rpcs {
namespace {

// The products of the licenses that changed as they were known at the time: nothing changes one after the end of its
// life was declared, so that its last change was that.
model::World KnownAt(absl::Time time, const model::ChangeSet& change, const model::World& around) {
  model::World known;
  const auto know = [&](const std::string& product_id) {
    const auto found = around.catalog->products.find({product_id, ""});
    if (found == around.catalog->products.end()) return;
    model::Product product = found->second;
    if (product.stamp.update_time > time) product.end_of_life_date.reset();
    known.MutableCatalog().products.insert_or_assign(found->first, std::move(product));
  };
  for (const auto& [before, license] : change.licenses) {
    know(license.product_id);
    if (before.has_value()) know(before->product_id);
    const model::Subscription* renewing =
        Find(around.subscriptions, license.customer_id, license.subscription_id.value_or(""));
    if (renewing != nullptr) known.subscriptions[KeyOf(*renewing)] = *renewing;
  }
  return known;
}

// Adds all of them, or none. Errors: DATA_LOSS if one of them, or a product, can't be read.
absl::Status RenderReadable(storage::Connection& connection, storage::CatalogCache& cache,
                            const std::vector<model::Event>& events, const std::function<v1::Event*()>& add) {
  std::vector<model::ChangeSet> changes;
  std::set<std::string> products;
  model::World around;
  for (const model::Event& event : events) {
    ASSIGN_OR_RETURN(model::ChangeSet change, storage::ChangeOf(event));
    for (const auto& [before, license] : change.licenses) {
      products.insert(license.product_id);
      if (before.has_value()) products.insert(before->product_id);
    }
    // A snapshot has the rows of a customer together: so it can be said of a license that it is renewed.
    if (event.event_id == 0) {
      for (const auto& [before, subscription] : change.subscriptions)
        around.subscriptions[KeyOf(subscription)] = subscription;
    }
    changes.push_back(std::move(change));
  }
  if (!products.empty()) {
    ASSIGN_OR_RETURN(const model::World world, LoadWorld(connection, {.products = {products.begin(), products.end()}},
                                                         storage::Locking::kNone, cache));
    around.MutableCatalog().products = world.catalog->products;
  }
  for (size_t i = 0; i < events.size(); ++i)
    wire::ToProto(events[i], changes[i], KnownAt(events[i].event_time, changes[i], around), add());
  return absl::OkStatus();
}

}  // namespace

absl::Status RenderEvents(storage::Connection& connection, storage::CatalogCache& cache,
                          const std::vector<model::Event>& events, const std::function<v1::Event*()>& add) {
  const absl::Status all = RenderReadable(connection, cache, events, add);
  if (!absl::IsDataLoss(all)) return all;
  for (const model::Event& event : events) {
    const absl::Status alone = RenderReadable(connection, cache, {event}, add);
    if (absl::IsDataLoss(alone)) {
      wire::ToProto(event, model::ChangeSet(), model::World(), add());
    } else {
      RETURN_IF_ERROR(alone);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<engine::RenderedEvent>> SerializedEvents(storage::Connection& connection,
                                                                    storage::CatalogCache& cache,
                                                                    const std::vector<model::Event>& events) {
  std::vector<v1::Event> rendered;
  rendered.reserve(events.size());
  RETURN_IF_ERROR(RenderEvents(connection, cache, events, [&] { return &rendered.emplace_back(); }));
  std::vector<engine::RenderedEvent> bytes;
  bytes.reserve(rendered.size());
  for (size_t i = 0; i < events.size(); ++i) {
    if (events[i].event_id == 0) rendered[i].clear_name();  // of a snapshot: it is in no history
    bytes.push_back({rendered[i].SerializeAsString(), wire::FactOf(events[i]).SerializeAsString()});
  }
  return bytes;
}

}  // namespace lmp::rpcs

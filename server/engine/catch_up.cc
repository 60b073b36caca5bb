#include "server/engine/catch_up.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "server/domain/time_passing.h"
#include "storage/events.h"
#include "storage/model/change_set.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::engine {
namespace {

constexpr char kTimeItself[] = "system";

// Whether time has something to do about the licence: its day came, or its product's life ended.
bool IsDue(const model::World& world, const model::License& license, model::Date today) {
  if (license.closed) return false;
  if (license.due_date.has_value() && *license.due_date <= today) return true;
  const model::Product* product = Find(world.catalogue->products, license.product_id);
  return product != nullptr && product->end_of_life_date.has_value() && *product->end_of_life_date <= today;
}

// The customers that have such licences.
std::set<std::string> DueCustomers(const model::World& world, model::Date today) {
  std::set<std::string> due;
  for (const auto& [key, license] : world.licenses) {
    if (IsDue(world, license, today)) due.insert(key.first);
  }
  return due;
}

// Replaces the rows of `to` that `from` has too.
template <class Row>
void Refresh(const model::Rows<Row>& from, model::Rows<Row>& to) {
  for (auto& [key, row] : to) {
    if (const auto fresh = from.find(key); fresh != from.end()) row = fresh->second;
  }
}

}  // namespace

std::vector<model::Event> PassTime(model::World& world, const model::Event& header, model::Date today) {
  std::vector<model::Event> events;
  for (const std::string& customer_id : DueCustomers(world, today)) {
    for (;;) {
      const model::World before = world;
      const std::optional<domain::TimeStep> step = domain::PassTime(world, customer_id, today);
      if (!step.has_value()) break;
      domain::SetTimeMarks(world);
      StampChanges(before, world, header.event_time);
      model::Event own = header;
      own.actor = kTimeItself;
      own.reason.clear();
      own.kind = step->event_kind;
      own.effective_date = step->effective_date;
      for (model::Event& event : storage::EventsOf(Diff(before, world), own)) events.push_back(std::move(event));
    }
  }
  return events;
}

absl::Status CatchUp(storage::Connection& connection, storage::CatalogueCache& cache, absl::Time now, model::World& world) {
  const model::Date today = absl::ToCivilDay(now, absl::UTCTimeZone());
  const std::set<std::string> due = DueCustomers(world, today);
  if (due.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(model::World whole, LoadWorld(connection, {.customers = {due.begin(), due.end()}},
                                                 storage::Locking::kNone, cache));
  RETURN_IF_ERROR(storage::LoadPools(connection, storage::Locking::kNone, whole));
  PassTime(whole, {.event_time = now}, today);
  Refresh(whole.subscriptions, world.subscriptions);
  Refresh(whole.licenses, world.licenses);
  Refresh(whole.scheduled_changes, world.scheduled_changes);
  return absl::OkStatus();
}

}  // namespace lmp::engine

#include "server/engine/catch_up.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/domain/license/license_status.h"
#include "server/domain/subscription/due.h"
#include "server/domain/subscription/part.h"
#include "server/engine/shared_pools.h"
#include "server/engine/slice.h"
#include "storage/events.h"
#include "storage/model/change_set.h"
#include "storage/status_macros.h"

namespace lmp::engine {
namespace {

using domain::Part;

constexpr char kTimeItself[] = "system";

// True if something may be due about the license: its day has come, or its product's life has ended. The end of a
// product's life is declared without writing to its licenses, so that their days may still be those of before: then its
// notice has begun, and the day is not the end, as it is once all was told. (A renewal that will not be has the same.)
bool IsDue(const model::World& world, const model::License& license, model::Date today) {
  if (license.closed) return false;
  if (license.due_date.has_value() && *license.due_date <= today) return true;
  const model::Product* product = Find(world.catalog->products, license.product_id);
  if (product == nullptr || !product->end_of_life_date.has_value()) return false;
  const model::Date life = *product->end_of_life_date;
  return life <= today || (life <= license.expiration_date && life - domain::NoticeDays(license, life) <= today &&
                           (license.due_date != life || life == license.expiration_date));
}

// The customers that have licenses about which something is due.
std::set<std::string> DueCustomers(const model::World& world, model::Date today) {
  std::set<std::string> due;
  for (const auto& [key, license] : world.licenses) {
    if (IsDue(world, license, today)) due.insert(key.first);
  }
  return due;
}

// Replaces the rows of `to` that are also in `from`.
template <class Row>
void Refresh(const model::Rows<Row>& from, model::Rows<Row>& to) {
  for (auto& [key, row] : to) {
    if (const auto fresh = from.find(key); fresh != from.end()) row = fresh->second;
  }
}

// The parts of these customers, of which each step is about one.
std::vector<Part> PartsOf(const model::World& world, const std::set<std::string>& customers) {
  std::vector<Part> parts;
  for (const std::string& id : customers) {
    std::vector<Part> own = domain::PartsOf(world, id);
    std::move(own.begin(), own.end(), std::back_inserter(parts));
  }
  return parts;
}

model::World SliceOf(const model::World& world, const Part& part) {
  model::World slice;
  slice.catalog = world.catalog;
  slice.unique_holders = world.unique_holders;
  slice.unpooled_units = world.unpooled_units;
  const model::Customer* customer = Find(world.customers, part.customer_id);
  if (customer == nullptr) return slice;
  slice.customers.emplace(KeyOf(*customer), *customer);
  if (part.subscription_id.has_value()) {
    const auto* subscription = Find(world.subscriptions, part.customer_id, *part.subscription_id);
    if (subscription != nullptr && Runs(*subscription))
      slice.subscriptions.emplace(KeyOf(*subscription), *subscription);
  }
  CopyRows(world, part, slice);
  for (const auto& [key, license] : slice.licenses) {
    const auto* pool = Find(world.pools, customer->partner_id, license.product_id);
    if (pool != nullptr) slice.pools.emplace(KeyOf(*pool), *pool);
  }
  return slice;
}

// Does the first thing that is due to a part, and adds its events. Returns false if nothing was due.
bool PassStep(model::World& world, const Part& part, model::Date day, const model::Event& header,
              std::vector<model::Event>& events) {
  const model::World before = SliceOf(world, part);
  model::World after = before;
  const std::optional<domain::DueStep> step = domain::ApplyNextDue(after, part.customer_id, day);
  if (!step.has_value()) return false;
  domain::SetDueDates(after);
  StampChanges(before, after, header.event_time);
  model::Event own = header;
  own.actor = kTimeItself;
  own.reason.clear();
  own.kind = step->event_kind;
  own.effective_date = step->effective_date;
  const model::ChangeSet changes = Diff(before, after);
  for (model::Event& event : storage::EventsOf(changes, own)) events.push_back(std::move(event));
  Merge(std::move(after), changes, world);
  return true;
}

}  // namespace

std::vector<model::Event> ApplyDue(model::World& world, const model::Event& header, const model::Due& until) {
  std::vector<model::Event> events;
  const std::vector<Part> parts = PartsOf(world, DueCustomers(world, until.day));
  std::set<std::pair<model::Due, size_t>> next;  // of each part, by its index
  const auto add = [&](size_t place) {
    std::optional<model::Due> due = domain::NextDue(SliceOf(world, parts[place]), parts[place].customer_id);
    if (due.has_value() && *due < until) next.emplace(*std::move(due), place);
  };
  for (size_t place = 0; place < parts.size(); ++place) add(place);
  while (!next.empty()) {
    const auto [due, place] = std::move(next.extract(next.begin()).value());
    if (PassStep(world, parts[place], due.day, header, events)) add(place);
  }
  return events;
}

absl::Status CatchUp(storage::Connection& connection, storage::CatalogCache& cache, absl::Time now, model::World& world,
                     const std::vector<model::RowKey>& checks) {
  const model::Date today = absl::ToCivilDay(now, absl::UTCTimeZone());
  model::World whole;
  RETURN_IF_ERROR(AddCustomers(connection, cache, DueCustomers(world, today), whole));
  std::set<std::string> partners = PartnersOfDueChanges(whole, today);
  for (const auto& [key, pool] : world.pools) partners.insert(key.first);
  RETURN_IF_ERROR(AddSharers(connection, cache, partners, today, whole).status());
  if (whole.customers.empty()) return absl::OkStatus();
  ApplyDue(whole, {.event_time = now}, model::EndOfDay(today));
  Refresh(whole.subscriptions, world.subscriptions);
  Refresh(whole.licenses, world.licenses);
  for (auto& [key, license] : whole.licenses) {
    const model::RowKey pair(license.customer_id, license.product_id);
    if (std::binary_search(checks.begin(), checks.end(), pair)) world.licenses.try_emplace(key, license);
  }
  Refresh(whole.scheduled_changes, world.scheduled_changes);
  Refresh(whole.pools, world.pools);
  return absl::OkStatus();
}

}  // namespace lmp::engine

#include "server/engine/shared_pools.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "storage/due_customers.h"
#include "storage/related_rows.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::engine {
namespace {

constexpr size_t kCustomersAtOnce = 256;  // the number of a statement's parameters is limited
// The most rows of customers that a reader plays what is due to in memory. Beyond that it takes less to wait for
// whoever stores it, which the time worker does.
constexpr int64_t kMaxRowsToPlay = 100'000;
constexpr size_t kNeverTooMany = 4;  // customers are played whatever they have: counting would cost each check a look
constexpr int kRetryMilliseconds = 5'000;

void Add(model::World from, model::World& to) {
  model::Catalog& catalog = to.MutableCatalog();
  catalog.partners.insert(from.catalog->partners.begin(), from.catalog->partners.end());
  catalog.products.insert(from.catalog->products.begin(), from.catalog->products.end());
  catalog.service_plans.insert(from.catalog->service_plans.begin(), from.catalog->service_plans.end());
  to.customers.merge(from.customers);
  to.subscriptions.merge(from.subscriptions);
  to.licenses.merge(from.licenses);
  to.scheduled_changes.merge(from.scheduled_changes);
}

// The next of the ids, as many as a statement takes.
std::vector<std::string> Next(std::set<std::string>::const_iterator& at, const std::set<std::string>& ids) {
  std::vector<std::string> some;
  for (; at != ids.end() && some.size() < kCustomersAtOnce; ++at) some.push_back(*at);
  return some;
}

absl::Status CheckNotTooMuch(storage::Connection& connection, const std::set<std::string>& ids) {
  int64_t rows = 0;
  if (ids.size() <= kNeverTooMany) return absl::OkStatus();
  for (auto at = ids.begin(); at != ids.end();) {
    ASSIGN_OR_RETURN(const auto counts, storage::CountRowsOfCustomers(connection, Next(at, ids)));
    for (const auto& [id, count] : counts) rows += count;
    if (rows <= kMaxRowsToPlay) continue;
    return domain::Refuse(
        absl::StatusCode::kResourceExhausted,
        "very much is due to customers on whom the answer depends, and is to be stored first: ask again",
        {.reason = domain::reason::kOverloaded, .metadata = {{"retry_after_ms", absl::StrCat(kRetryMilliseconds)}}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::set<model::Due>> DueBefore(storage::Connection& connection, const model::Footprint& footprint,
                                               const model::World& world, model::Date today) {
  storage::DueScope scope;
  for (const auto& [key, pool] : world.pools) scope.pools_of.insert(key.first);
  for (const auto& [key, units] : world.unpooled_units) {
    scope.pools_of.insert(key.first);
    scope.pools_to_be.push_back(key);
  }
  for (const model::AffectedBy& affected : footprint.affected) {
    if (affected.what == model::AffectedBy::What::kPartner) scope.partners.insert(affected.id);
    if (affected.what == model::AffectedBy::What::kProduct) scope.products.insert(affected.id);
    if (affected.what == model::AffectedBy::What::kSuite) scope.suites.insert(affected.id);
  }
  return storage::ListDue(connection, scope, today);
}

std::set<std::string> PartnersOfDueChanges(const model::World& world, model::Date today) {
  std::set<std::string> partners;
  for (const auto& [key, change] : world.scheduled_changes) {
    if (change.state != model::ChangeState::kPending || change.effective_date > today) continue;
    const model::Customer* customer = Find(world.customers, key.first);
    if (customer != nullptr) partners.insert(customer->partner_id);
  }
  return partners;
}

absl::Status AddCustomers(storage::Connection& connection, storage::CatalogCache& cache,
                          const std::set<std::string>& ids, model::World& world) {
  RETURN_IF_ERROR(CheckNotTooMuch(connection, ids));
  for (auto at = ids.begin(); at != ids.end();) {
    ASSIGN_OR_RETURN(model::World loaded,
                     LoadWorld(connection, {.customers = Next(at, ids)}, storage::Locking::kNone, cache));
    Add(std::move(loaded), world);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::set<std::string>> AddSharers(storage::Connection& connection, storage::CatalogCache& cache,
                                                 const std::set<std::string>& partners, model::Date today,
                                                 model::World& world) {
  std::set<std::string> added;
  if (partners.empty()) return added;
  ASSIGN_OR_RETURN(const std::set<model::Due> due, storage::ListDue(connection, {.pools_of = partners}, today));
  for (const model::Due& one : due) {
    if (Find(world.customers, one.customer_id) == nullptr) added.insert(one.customer_id);
  }
  RETURN_IF_ERROR(AddCustomers(connection, cache, added, world));
  if (!world.customers.empty()) RETURN_IF_ERROR(storage::LoadPools(connection, storage::Locking::kNone, world));
  return added;
}

}  // namespace lmp::engine

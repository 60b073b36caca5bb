#include "tests/domain/life.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "server/domain/decision/invariants.h"
#include "server/domain/license/announcement.h"
#include "server/domain/license/license_status.h"
#include "server/domain/license/pool.h"
#include "server/domain/subscription/due.h"
#include "storage/model/change_set.h"
#include "tests/domain/demo_catalog.h"

namespace lmp::domain {
namespace {

using model::World;

std::string InWords(const std::string& event_kind) {
  static const std::map<std::string, std::string> kWords = {{"SUBSCRIPTION_RENEWED", "renewed"},
                                                            {"SCHEDULED_CHANGE_APPLIED", "changed"},
                                                            {"SCHEDULED_CHANGE_DROPPED", "change dropped"},
                                                            {"LICENSE_ENDED", "ended"},
                                                            {"LICENSE_EXPIRING_SOON", "expiring soon"},
                                                            {"LICENSE_EXPIRED", "expired"}};
  const auto word = kWords.find(event_kind);
  return word == kWords.end() ? event_kind : word->second;
}

// The marks on the rows say that there may be something to do: all that the engine goes by.
bool IsMarkedDue(const World& world, const std::string& customer_id, Date today) {
  for (const auto& [key, license] : Range(world.licenses, customer_id)) {
    if (license.closed) continue;
    if (license.due_date.has_value() && *license.due_date <= today) return true;
    const model::Product* product = Find(world.catalog->products, license.product_id);
    if (!product->end_of_life_date.has_value()) continue;
    const Date life = *product->end_of_life_date;
    const bool of_before = license.due_date != life || life == license.expiration_date;
    if (life <= today || (of_before && life <= license.expiration_date && life - NoticeDays(license, life) <= today))
      return true;
  }
  return false;
}

// Time, as the engine lets it pass for the customers of `world`.
std::vector<LifeStep> Pass(World& world, Date today) {
  std::vector<LifeStep> steps;
  for (const auto& [key, customer] : World(world).customers) {
    if (!IsMarkedDue(world, key.first, today)) {
      World unmarked = world;
      if (const auto missed = ApplyNextDue(unmarked, key.first, today)) {
        ADD_FAILURE() << today << ": the marks of " << key.first << " hide " << missed->event_kind << " of "
                      << missed->effective_date;
      }
      continue;
    }
    Date day;
    for (;;) {
      const World before = world;
      const auto step = ApplyNextDue(world, key.first, today);
      if (!step.has_value()) break;
      SetDueDates(world);
      StampChanges(before, world, absl::FromCivil(today, absl::UTCTimeZone()) + absl::Hours(15));
      EXPECT_LE(day, step->effective_date) << "time goes back";
      day = step->effective_date;
      steps.push_back({step->effective_date, InWords(step->event_kind)});
      if (steps.size() > 1000) {
        ADD_FAILURE() << today << ": time does not come to an end, again and again " << step->event_kind << " of "
                      << step->effective_date;
        return steps;
      }
    }
  }
  return steps;
}

// What the engine would load for a footprint.
World SliceOf(const World& world, const model::Footprint& footprint) {
  const std::set<std::string> customers(footprint.customers.begin(), footprint.customers.end());
  const std::set<model::RowKey> named(footprint.subscriptions.begin(), footprint.subscriptions.end());
  const auto other = [&](const auto& row) { return customers.count(row.first.first) == 0; };
  const auto over = [&](const auto& row) { return other(row) || (!Runs(row.second) && named.count(row.first) == 0); };
  World slice = world;
  std::erase_if(slice.customers, other);
  std::erase_if(slice.subscriptions, over);
  std::erase_if(slice.licenses, other);
  std::erase_if(slice.scheduled_changes, other);
  for (const model::RowKey& pool : footprint.pools) {
    if (world.pools.count(pool) > 0) continue;
    int& units = slice.unpooled_units[pool];
    for (const auto& [key, license] : world.licenses) {
      const bool counts = !license.closed && license.product_id == pool.second;
      if (counts && Find(world.customers, key.first)->partner_id == pool.first) units += license.units;
    }
  }
  return slice;
}

template <class Row>
void Take(const model::Rows<Row>& from, model::Rows<Row>& to) {
  for (const auto& [key, row] : from) to[key] = row;
}

// No license is lost, nor the code that customers have typed into their machines.
void ExpectNothingLost(const World& before, const World& after) {
  for (const auto& [key, license] : before.licenses) {
    const model::License* now = Find(after.licenses, key.first, key.second);
    ASSERT_NE(now, nullptr) << "license " << key.second << " is gone";
    EXPECT_EQ(now->activation_code, license.activation_code) << "license " << key.second;
    EXPECT_FALSE(license.closed && !now->closed) << "license " << key.second << " came back";
  }
}

}  // namespace

Life::Life() {
  world.catalog = TheDemoCatalog().catalog;
  for (const char* id : {kCustomer, kNeighbour}) {
    world.customers[{id, ""}] = {.customer_id = id, .partner_id = kPartner, .display_name = id};
  }
}

absl::Status Life::Run(const model::Footprint& footprint, const DecideFunction& decide) {
  const Env env{absl::FromCivil(today, absl::UTCTimeZone()) + absl::Hours(15), today, caller_, ids_};
  World after = SliceOf(world, footprint);
  const std::vector<LifeStep> steps = Pass(after, today);
  const World before = after;
  absl::Status status = decide(after, env);
  if (status.ok()) status = SettlePools(before, after);
  if (!status.ok()) return status;
  advisories = Advisories(before, after, today);
  AnnounceDecided(before, after, today);
  SetDueDates(after);
  StampChanges(before, after, env.now);
  const std::vector<LifeStep> at_once = Pass(after, today);
  EXPECT_THAT(InvariantViolations(after, today), testing::IsEmpty()) << today;
  ExpectNothingLost(before, after);
  world.catalog = after.catalog;
  world.pools = after.pools;
  Take(after.customers, world.customers);
  Take(after.subscriptions, world.subscriptions);
  Take(after.licenses, world.licenses);
  Take(after.scheduled_changes, world.scheduled_changes);
  steps_.insert(steps_.end(), steps.begin(), steps.end());
  steps_.insert(steps_.end(), at_once.begin(), at_once.end());
  return absl::OkStatus();
}

void Life::TimePasses() {
  for (const char* id : {kCustomer, kNeighbour}) {
    EXPECT_EQ(Run({.customers = {id}}, [](World&, const Env&) { return absl::OkStatus(); }), absl::OkStatus());
  }
}

Life::View Life::Now() const {
  View view{world, steps_};
  const std::vector<LifeStep> due = Pass(view.world, today);
  view.steps.insert(view.steps.end(), due.begin(), due.end());
  std::stable_sort(view.steps.begin(), view.steps.end(),
                   [](const LifeStep& a, const LifeStep& b) { return a.day < b.day; });
  return view;
}

}  // namespace lmp::domain

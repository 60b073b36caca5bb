// What a pass of time costs is in proportion to what is due: counted in what it asks memory for, which is mostly copies
// of rows.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/domain/subscription/due.h"
#include "server/domain/subscription/plan_assignment.h"
#include "server/engine/catch_up.h"
#include "tests/domain/demo_catalog.h"
#include "tests/domain/fake_ids.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 3, 15, 12, 0, 0), absl::UTCTimeZone());
constexpr char kProduct[] = "endpoint-encryption";

// `customers` with so many subscriptions each, of software that a customer may have more than once, and a pool.
model::World WorldOf(int customers, int subscriptions) {
  static domain::FakeIds ids;
  const domain::Caller caller{.actor = "tester"};
  model::World world;
  world.catalog = domain::TheDemoCatalog().catalog;
  model::LicensePool pool{.partner_id = "msp-one", .product_id = kProduct, .total = customers * subscriptions};
  pool.assigned = pool.total;
  world.pools[KeyOf(pool)] = pool;
  for (int i = 0; i < customers; ++i) {
    const std::string id = absl::StrCat("customer-", 1000 + i);
    world.customers[{id, ""}] = {.customer_id = id, .partner_id = "msp-one"};
    for (int n = 0; n < subscriptions; ++n) {
      domain::AssignServicePlanCommand command{
          .customer_id = id, .service_plan_id = "encryption-annual", .units = {{kProduct, 1}}};
      if (n > 0) {
        command.crossgrade = {.mode = domain::CrossgradeMode::kExplicit,
                              .resolutions = {{kProduct, domain::Resolution::kNewLicense}}};
      }
      EXPECT_OK(
          AssignServicePlan(world, command, {kNow, absl::ToCivilDay(kNow, absl::UTCTimeZone()), caller, ids}).status());
    }
  }
  domain::SetDueDates(world);
  return world;
}

// Two years later everything has ended.
int64_t CostOf(int customers, int subscriptions) {
  model::World world = WorldOf(customers, subscriptions);
  testing::StartCounting();
  const auto events =
      ApplyDue(world, {.event_time = kNow + absl::Hours(24 * 800)}, model::EndOfDay(model::Date(2028, 5, 1)));
  const int64_t cost = testing::StopCounting();
  EXPECT_GE(events.size(), static_cast<size_t>(customers) * static_cast<size_t>(subscriptions));
  for (const auto& [key, license] : world.licenses) EXPECT_TRUE(license.closed);
  EXPECT_EQ(world.pools.begin()->second.assigned, 0);
  return cost;
}

TEST(PassingCost, IsInProportionToTheCustomersThatAreDue) {
  EXPECT_LT(CostOf(200, 1), 4.4 * static_cast<double>(CostOf(50, 1)));
}

TEST(PassingCost, IsInProportionToWhatIsDueToACustomer) {
  EXPECT_LT(CostOf(1, 200), 4.4 * static_cast<double>(CostOf(1, 50)));
}

}  // namespace
}  // namespace lmp::engine

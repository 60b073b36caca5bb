// Pools where the histories of vectors/histories/pools.txt do not reach.
#include "server/domain/license/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/domain/reasons.h"
#include "server/domain/refusal.h"

namespace lmp::domain {
namespace {

using model::LicensePool;
using model::World;

// A partner with one customer, and a pool of one product.
World WorldWithPool(const LicensePool& pool) {
  World world;
  for (const char* id : {"one", "two"}) {
    model::Customer customer{.customer_id = id, .partner_id = id == std::string("one") ? "msp" : "other-msp"};
    world.customers[KeyOf(customer)] = customer;
  }
  world.pools[KeyOf(pool)] = pool;
  return world;
}

LicensePool Pool(int assigned, int total, int minimum = 0) {
  return {.partner_id = "msp", .product_id = "cas", .total = total, .assigned = assigned, .minimum = minimum};
}

model::License& AddLicense(World& world, const std::string& id, int units, const std::string& customer = "one",
                           const std::string& product = "cas") {
  model::License license{.customer_id = customer, .license_id = id, .product_id = product, .units = units};
  return world.licenses[KeyOf(license)] = license;
}

const LicensePool& ThePool(const World& world) { return *Find(world.pools, "msp", "cas"); }

TEST(SettlePools, CountsTheLicensesOfADecisionTogether) {
  const World before = WorldWithPool(Pool(75, 100));
  World after = before;
  AddLicense(after, "a", 15);
  AddLicense(after, "b", 11);
  EXPECT_EQ(RefusalOf(SettlePools(before, after)).reason, reason::kPoolExhausted);
}

TEST(SettlePools, GivesBackAndTakesInOneDecision) {
  World before = WorldWithPool(Pool(100, 100));
  AddLicense(before, "old", 25);
  World after = before;
  Find(after.licenses, "one", "old")->closed = true;
  AddLicense(after, "new", 25);
  ASSERT_TRUE(SettlePools(before, after).ok());
  EXPECT_EQ(ThePool(after).assigned, 100);
}

TEST(SettlePools, LetsUnitsBeGivenBackToAPoolThatIsOverdrawn) {
  World before = WorldWithPool(Pool(120, 100));  // the total was lowered meanwhile
  AddLicense(before, "l", 25);
  World after = before;
  AddLicense(after, "l", 15);
  ASSERT_TRUE(SettlePools(before, after).ok());
  EXPECT_EQ(ThePool(after).assigned, 110);
}

TEST(SettlePools, LimitsNothingWithoutAPool) {
  const World before = WorldWithPool(Pool(100, 100));
  World after = before;
  AddLicense(after, "l", 999999, "one", "hes");
  AddLicense(after, "l", 999999, "two", "cas");  // of another partner
  ASSERT_TRUE(SettlePools(before, after).ok());
  EXPECT_EQ(ThePool(after), Pool(100, 100));
}

TEST(SettlePools, LeavesAPoolAloneThatNothingChanges) {
  World before = WorldWithPool(Pool(95, 100, 50));  // below its minimum, but nobody draws on it
  AddLicense(before, "l", 25);
  World after = before;
  ASSERT_TRUE(SettlePools(before, after).ok());
  EXPECT_EQ(after.pools, before.pools);
}

}  // namespace
}  // namespace lmp::domain

#include "server/domain/pool.h"

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

TEST(RefillUnits, IsOneAndAHalfMinimumsRoundedUp) {
  EXPECT_EQ(RefillUnits(1), 2);
  EXPECT_EQ(RefillUnits(2), 3);
  EXPECT_EQ(RefillUnits(3), 5);
  EXPECT_EQ(RefillUnits(10), 15);
  EXPECT_EQ(RefillUnits(11), 17);
  EXPECT_EQ(RefillUnits(0), 0);
}

TEST(SettlePools, TakesTheUnitsOfANewLicence) {
  const World before = WorldWithPool(Pool(10, 100));
  World after = before;
  AddLicense(after, "l", 25);
  ASSERT_TRUE(SettlePools(before, after).ok());
  EXPECT_EQ(ThePool(after), Pool(35, 100));
}

TEST(SettlePools, GivesTheLastUnitButNotOneMore) {
  const World before = WorldWithPool(Pool(75, 100));
  World after = before;
  AddLicense(after, "l", 25);
  ASSERT_TRUE(SettlePools(before, after).ok());
  EXPECT_EQ(ThePool(after), Pool(100, 100));

  after = before;
  AddLicense(after, "l", 26);
  const absl::Status status = SettlePools(before, after);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  const Refusal refusal = RefusalOf(status);
  EXPECT_EQ(refusal.reason, reason::kPoolExhausted);
  EXPECT_EQ(refusal.resource, "partners/msp/licensePools/cas");
  EXPECT_THAT(refusal.metadata,
              testing::UnorderedElementsAre(testing::Pair("available", "25"), testing::Pair("needed", "26")));
}

TEST(SettlePools, CountsTheLicencesOfADecisionTogether) {
  const World before = WorldWithPool(Pool(75, 100));
  World after = before;
  AddLicense(after, "a", 15);
  AddLicense(after, "b", 11);
  EXPECT_EQ(RefusalOf(SettlePools(before, after)).reason, reason::kPoolExhausted);
}

TEST(SettlePools, TakesOnlyTheDifferenceOfALicenceWithMoreUnits) {
  World before = WorldWithPool(Pool(95, 100));
  AddLicense(before, "l", 25);
  World after = before;
  AddLicense(after, "l", 30);
  ASSERT_TRUE(SettlePools(before, after).ok());
  EXPECT_EQ(ThePool(after).assigned, 100);
}

TEST(SettlePools, GivesBackTheDifferenceOfALicenceWithFewerUnits) {
  World before = WorldWithPool(Pool(95, 100));
  AddLicense(before, "l", 25);
  World after = before;
  AddLicense(after, "l", 5);
  ASSERT_TRUE(SettlePools(before, after).ok());
  EXPECT_EQ(ThePool(after).assigned, 75);
}

TEST(SettlePools, GivesBackTheUnitsOfALicenceThatIsClosed) {
  World before = WorldWithPool(Pool(100, 100));
  AddLicense(before, "l", 25);
  World after = before;
  Find(after.licenses, "one", "l")->closed = true;
  ASSERT_TRUE(SettlePools(before, after).ok());
  EXPECT_EQ(ThePool(after).assigned, 75);
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

TEST(SettlePools, RefillsOnceWhenLessThanTheMinimumIsLeft) {
  const World before = WorldWithPool(Pool(60, 100, 21));
  World after = before;
  AddLicense(after, "l", 20);  // leaves 20 of 21
  ASSERT_TRUE(SettlePools(before, after).ok());
  EXPECT_EQ(ThePool(after), Pool(80, 132, 21));
}

TEST(SettlePools, DoesNotRefillWhenTheMinimumIsLeft) {
  const World before = WorldWithPool(Pool(60, 100, 20));
  World after = before;
  AddLicense(after, "l", 20);  // leaves exactly 20
  ASSERT_TRUE(SettlePools(before, after).ok());
  EXPECT_EQ(ThePool(after), Pool(80, 100, 20));
}

TEST(SettlePools, MayRefillToGiveMoreThanThereWas) {
  const World before = WorldWithPool(Pool(90, 100, 10));
  World after = before;
  AddLicense(after, "l", 25);  // 10 left + 15 refilled
  ASSERT_TRUE(SettlePools(before, after).ok());
  EXPECT_EQ(ThePool(after), Pool(115, 115, 10));

  after = before;
  AddLicense(after, "l", 26);
  EXPECT_EQ(RefusalOf(SettlePools(before, after)).reason, reason::kPoolExhausted);
}

TEST(SettlePools, NeverRefillsWithAMinimumOfZero) {
  const World before = WorldWithPool(Pool(100, 100, 0));
  World after = before;
  AddLicense(after, "l", 1);
  EXPECT_EQ(RefusalOf(SettlePools(before, after)).reason, reason::kPoolExhausted);
}

TEST(SettlePools, DoesNotRefillForUnitsThatComeBack) {
  World before = WorldWithPool(Pool(95, 100, 50));
  AddLicense(before, "l", 25);
  World after = before;
  AddLicense(after, "l", 24);
  ASSERT_TRUE(SettlePools(before, after).ok());
  EXPECT_EQ(ThePool(after), Pool(94, 100, 50));
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

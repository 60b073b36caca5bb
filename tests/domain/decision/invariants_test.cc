#include "server/domain/decision/invariants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/domain/demo_catalog.h"

namespace lmp::domain {
namespace {

using model::Date;
using model::License;
using model::World;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kService[] = "cloud-app-security";
constexpr char kSoftware[] = "endpoint-encryption";
const Date kToday(2026, 3, 15);

License& Add(World& world, const std::string& id, const std::string& product, const std::string& customer = "acme") {
  License license = MakeLicense(*TheDemoCatalog().catalog, customer, id, product);
  license.units = 25;
  license.start_date = Date(2026, 1, 1);
  license.expiration_date = Date(2027, 1, 1);
  license.grace_end_date = Date(2027, 1, 31);
  return world.licenses[KeyOf(license)] = license;
}

TEST(InvariantViolations, AreNoneInAHealthyWorld) {
  World world;
  Add(world, "service", kService);
  Add(world, "software-1", kSoftware);
  Add(world, "software-2", kSoftware);  // software may be held twice
  Add(world, "service", kService, "another-customer");
  License& owned = Add(world, "owned", "hosted-email-security");
  owned.subscription_id = "sub";
  model::Subscription subscription{.customer_id = "acme", .subscription_id = "sub"};
  world.subscriptions[KeyOf(subscription)] = subscription;
  model::LicensePool pool{.partner_id = "msp-one", .product_id = kService, .total = 10, .assigned = 10};
  world.pools[KeyOf(pool)] = pool;
  EXPECT_THAT(InvariantViolations(world, kToday), IsEmpty());
}

TEST(InvariantViolations, NameTwoUnendedLicensesOfAService) {
  World world;
  Add(world, "one", kService);
  Add(world, "two", kService).start_date = Date(2026, 12, 1);  // in the future: unended all the same
  EXPECT_THAT(InvariantViolations(world, kToday),
              ElementsAre(AllOf(HasSubstr("I1"), HasSubstr("customers/acme/licenses/one"),
                                HasSubstr("customers/acme/licenses/two"), HasSubstr("products/cloud-app-security"))));
}

TEST(InvariantViolations, AllowASecondLicenseOfAServiceOnceTheFirstEnded) {
  World world;
  License& ended = Add(world, "one", kService);
  ended.expiration_date = Date(2026, 2, 15);
  ended.grace_end_date = kToday;
  Add(world, "two", kService);
  EXPECT_THAT(InvariantViolations(world, kToday), IsEmpty());
  EXPECT_THAT(InvariantViolations(world, kToday - 1), ElementsAre(HasSubstr("I1")));  // still in grace then
  ended.grace_end_date = Date(2026, 4, 1);
  ended.closed = true;
  EXPECT_THAT(InvariantViolations(world, kToday), IsEmpty());
}

TEST(InvariantViolations, NameALicenseWithoutUnits) {
  World world;
  Add(world, "none", kService).units = 0;
  Add(world, "less", kSoftware).units = -1;
  EXPECT_THAT(InvariantViolations(world, kToday),
              ElementsAre(HasSubstr("licenses/less has -1 units"), HasSubstr("licenses/none has 0 units")));
}

TEST(InvariantViolations, NameALicenseWhoseDatesAreOutOfOrder) {
  World world;
  License& empty = Add(world, "empty", kSoftware);
  empty.start_date = empty.expiration_date;
  License& grace = Add(world, "grace", kSoftware);
  grace.grace_end_date = grace.expiration_date - 1;
  License& fine = Add(world, "no-grace", kSoftware);
  fine.grace_end_date = fine.expiration_date;
  EXPECT_THAT(InvariantViolations(world, kToday), ElementsAre(HasSubstr("licenses/empty has dates out of order"),
                                                              HasSubstr("licenses/grace has dates out of order")));
}

TEST(InvariantViolations, NameSoftwareWithoutACodeAndAServiceWithOne) {
  World world;
  Add(world, "soft", kSoftware).activation_code.reset();
  Add(world, "serv", kService).activation_code = "LM-1";
  EXPECT_THAT(InvariantViolations(world, kToday), ElementsAre(HasSubstr("licenses/serv is a service with a code"),
                                                              HasSubstr("licenses/soft has no activation code")));
}

TEST(InvariantViolations, NameALicenseOfASubscriptionThatDoesNotRun) {
  World world;
  Add(world, "lost", kService).subscription_id = "gone";
  model::Subscription other{.customer_id = "somebody-else", .subscription_id = "gone"};
  world.subscriptions[KeyOf(other)] = other;
  const char* const lost = "licenses/lost is not closed, but belongs to a subscription that does not run";
  EXPECT_THAT(InvariantViolations(world, kToday), ElementsAre(HasSubstr(lost)));

  const std::string customer_id = world.licenses.begin()->first.first;
  model::Subscription ended{
      .customer_id = customer_id, .subscription_id = "gone", .state = model::SubscriptionState::kDisabled};
  world.subscriptions[KeyOf(ended)] = ended;
  EXPECT_THAT(InvariantViolations(world, kToday), ElementsAre(HasSubstr(lost)));

  world.licenses.begin()->second.closed = true;
  EXPECT_THAT(InvariantViolations(world, kToday), IsEmpty());
}

TEST(InvariantViolations, NameAPoolOutsideItsTotal) {
  World world;
  for (const auto& [product, assigned] : {std::pair("a", 11), std::pair("b", -1), std::pair("c", 0)}) {
    model::LicensePool pool{.partner_id = "msp-one", .product_id = product, .total = 10, .assigned = assigned};
    world.pools[KeyOf(pool)] = pool;
  }
  EXPECT_THAT(InvariantViolations(world, kToday),
              ElementsAre(AllOf(HasSubstr("I2"), HasSubstr("msp-one/a"), HasSubstr("11 units assigned of 10")),
                          AllOf(HasSubstr("I2"), HasSubstr("msp-one/b"), HasSubstr("-1"))));
}

TEST(InvariantViolations, AreAllNamedAtOnce) {
  World world;
  Add(world, "one", kService);
  License& broken = Add(world, "two", kService);
  broken.units = 0;
  broken.start_date = broken.expiration_date;
  broken.activation_code = "LM-1";
  broken.subscription_id = "gone";
  EXPECT_EQ(InvariantViolations(world, kToday).size(), 5u);
}

}  // namespace
}  // namespace lmp::domain

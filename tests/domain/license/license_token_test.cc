#include "server/domain/license/license_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "tests/domain/fake_ids.h"
#include "tests/domain/fake_signer.h"

namespace lmp::domain {
namespace {

using model::License;
using model::World;

constexpr char kKeyId[] = "key-1";

// A customer of the partner "msp" with one license of the service "cas": 25 units, from January to July, grace in July.
World SomeWorld() {
  World world;
  model::Catalog& catalog = world.MutableCatalog();
  catalog.partners[{"msp", ""}] = {.partner_id = "msp", .display_name = "MSP"};
  catalog.products[{"cas", ""}] = {.product_id = "cas", .kind = model::ProductKind::kService};
  world.customers[{"acme", ""}] = {.customer_id = "acme", .partner_id = "msp"};
  world.licenses[{"acme", "one"}] = {.customer_id = "acme",
                                     .license_id = "one",
                                     .product_id = "cas",
                                     .units = 25,
                                     .start_date = Date(2026, 1, 1),
                                     .expiration_date = Date(2026, 7, 1),
                                     .grace_end_date = Date(2026, 7, 31),
                                     .stamp = {.revision = 3}};
  return world;
}

License& TheLicense(World& world) { return world.licenses.at({"acme", "one"}); }
model::Product& TheProduct(World& world) { return world.MutableCatalog().products.at({"cas", ""}); }
model::Partner& ThePartner(World& world) { return world.MutableCatalog().partners.at({"msp", ""}); }
model::Customer& TheCustomer(World& world) { return world.customers.at({"acme", ""}); }

absl::Time At(Date day, absl::Duration after = absl::ZeroDuration()) {
  return absl::FromCivil(day, absl::UTCTimeZone()) + after;
}

IssueLicenseTokenCommand Command(int days = 30) {
  IssueLicenseTokenCommand command;
  command.customer_id = "acme";
  command.license_id = "one";
  command.valid_days = days;
  command.signer = std::make_shared<FakeSigner>(kKeyId);
  return command;
}

// At a quarter to three and a bit on `today`.
absl::StatusOr<model::LicenseToken> Issue(World world, Date today, const IssueLicenseTokenCommand& command = Command(),
                                          const Caller& caller = {}) {
  FakeIds ids;
  const Env env{At(today, absl::Hours(14) + absl::Minutes(45) + absl::Microseconds(1'500'001)), today, caller, ids};
  const absl::StatusOr<IssuedToken> issued = IssueLicenseToken(world, command, env);
  if (!issued.ok()) return issued.status();
  return world.license_tokens.at(issued->key);
}

std::string ReasonOf(const absl::Status& status) { return status.ok() ? "OK" : RefusalOf(status).reason; }

TEST(IssueLicenseTokenTest, TheRowSaysWhatTheLicenseIsInWholeSeconds) {
  const absl::StatusOr<model::LicenseToken> token = Issue(SomeWorld(), Date(2026, 3, 1));
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->token_id, "id-1");
  EXPECT_EQ(token->license_id, "one");
  EXPECT_EQ(token->key_id, kKeyId);
  EXPECT_EQ(token->product_id, "cas");
  EXPECT_EQ(token->expiration_date, Date(2026, 7, 1));
  EXPECT_EQ(token->units, 25);
  EXPECT_EQ(token->grace_end_date, Date(2026, 7, 31));
  const absl::Time issued = At(Date(2026, 3, 1), absl::Hours(14) + absl::Minutes(45) + absl::Seconds(1));
  EXPECT_EQ(token->issue_time, issued);
  EXPECT_EQ(token->expire_time, issued + absl::Hours(24 * 30));
}

TEST(IssueLicenseTokenTest, ChangesNothingElse) {
  World world = SomeWorld();
  FakeIds ids;
  ASSERT_TRUE(IssueLicenseToken(world, Command(), {At(Date(2026, 3, 1)), Date(2026, 3, 1), Caller{}, ids}).ok());
  EXPECT_EQ(world.licenses, SomeWorld().licenses);
  EXPECT_EQ(world.customers, SomeWorld().customers);
}

TEST(IssueLicenseTokenTest, IsNeverValidBeyondTheLicense) {
  const struct {
    const char* what;
    Date today;
    int days;
    std::function<void(World&)> change;
    Date end;
  } cases[] = {
      {"end of grace", Date(2026, 7, 20), 30, [](World&) {}, Date(2026, 7, 31)},
      {"end of grace, the last day", Date(2026, 7, 30), 1, [](World&) {}, Date(2026, 7, 31)},
      {"a year is cut too", Date(2026, 1, 1), 366, [](World&) {}, Date(2026, 7, 31)},
      {"end of life", Date(2026, 3, 1), 30, [](World& w) { TheProduct(w).end_of_life_date = Date(2026, 3, 10); },
       Date(2026, 3, 10)},
      {"a suspension to come", Date(2026, 3, 1), 30, [](World& w) { TheLicense(w).suspend_date = Date(2026, 3, 5); },
       Date(2026, 3, 5)},
  };
  for (const auto& test : cases) {
    World world = SomeWorld();
    test.change(world);
    const absl::StatusOr<model::LicenseToken> token = Issue(world, test.today, Command(test.days));
    ASSERT_TRUE(token.ok()) << test.what << ": " << token.status();
    EXPECT_EQ(token->expire_time, At(test.end)) << test.what;
  }
}

TEST(IssueLicenseTokenTest, SaysTheEndOfLifeAsTheEndOfGrace) {
  World world = SomeWorld();
  TheProduct(world).end_of_life_date = Date(2026, 5, 1);
  EXPECT_EQ(Issue(world, Date(2026, 3, 1))->grace_end_date, Date(2026, 5, 1));
  const TokenDates dates = TokenDatesOf(world, TheLicense(world));
  EXPECT_EQ(dates.start_date, Date(2026, 1, 1));
  EXPECT_EQ(dates.expiration_date, Date(2026, 5, 1));
  EXPECT_EQ(dates.grace_end_date, Date(2026, 5, 1));
}

TEST(IssueLicenseTokenTest, OnlyOfALicenseThatCanBeUsedNow) {
  const struct {
    const char* state;
    Date today;
    std::function<void(World&)> change;
    const char* reason;
  } cases[] = {
      {"ACTIVE", Date(2026, 3, 1), [](World&) {}, "OK"},
      {"EXPIRING_SOON", Date(2026, 6, 15), [](World&) {}, "OK"},
      {"GRACE", Date(2026, 7, 1), [](World&) {}, "OK"},
      {"EXPIRED", Date(2026, 7, 31), [](World&) {}, reason::kWrongState},
      {"PENDING", Date(2025, 12, 31), [](World&) {}, reason::kWrongState},
      {"SUSPENDED", Date(2026, 3, 1), [](World& w) { TheLicense(w).suspend_date = Date(2026, 2, 1); },
       reason::kWrongState},
      {"NOT_ACTIVATED", Date(2026, 3, 1),
       [](World& w) { TheLicense(w).activation_policy = model::ActivationPolicy::kOnFirstSignIn; },
       reason::kWrongState},
      {"DISABLED", Date(2026, 3, 1), [](World& w) { TheLicense(w).closed = true; }, reason::kWrongState},
      {"disabled", Date(2026, 3, 1), [](World& w) { TheCustomer(w).state = model::CustomerState::kDisabled; },
       reason::kCustomerDisabled},
      {"deleted", Date(2026, 3, 1), [](World& w) { TheCustomer(w).delete_time = absl::UnixEpoch(); },
       reason::kCustomerDeleted},
      {"read only", Date(2026, 3, 1), [](World& w) { ThePartner(w).state = model::PartnerState::kSuspended; },
       reason::kPartnerSuspended},
      {"canceled", Date(2026, 3, 1), [](World& w) { ThePartner(w).state = model::PartnerState::kCanceled; },
       reason::kPartnerCanceled},
  };
  for (const auto& test : cases) {
    World world = SomeWorld();
    test.change(world);
    const absl::Status status = Issue(world, test.today).status();
    EXPECT_EQ(ReasonOf(status), test.reason) << test.state;
    if (ReasonOf(status) == reason::kWrongState) {
      EXPECT_EQ(RefusalOf(status).metadata.at("state"), test.state);
    }
  }
}

TEST(IssueLicenseTokenTest, WhatIsAnotherPartnersIsNotFound) {
  const Date today(2026, 3, 1);
  World world = SomeWorld();
  ThePartner(world).parent_id = "north";
  world.MutableCatalog().partners[{"north", ""}] = {.partner_id = "north"};
  EXPECT_EQ(ReasonOf(Issue(world, today, Command(), {.partner_id = "msp"}).status()), "OK");
  EXPECT_EQ(ReasonOf(Issue(world, today, Command(), {.partner_id = "other"}).status()), reason::kCustomerNotFound);
  // A partner above may read, but not change.
  EXPECT_EQ(ReasonOf(Issue(world, today, Command(), {.partner_id = "north"}).status()), reason::kCustomerNotFound);
}

TEST(IssueLicenseTokenTest, RefusesInThisOrder) {
  const Date today(2026, 8, 1);  // EXPIRED
  IssueLicenseTokenCommand command = Command();
  EXPECT_EQ(ReasonOf(Issue(SomeWorld(), today, command).status()), reason::kWrongState);
  command.signer = nullptr;
  const absl::Status no_key = Issue(SomeWorld(), today, command).status();
  EXPECT_EQ(ReasonOf(no_key), reason::kTokenKeyMissing);
  EXPECT_THAT(std::string(no_key.message()), testing::HasSubstr("--token-key-file"));
  command.etag = "2";
  EXPECT_EQ(ReasonOf(Issue(SomeWorld(), today, command).status()), reason::kEtagMismatch);
  command.license_id = "two";
  EXPECT_EQ(ReasonOf(Issue(SomeWorld(), today, command).status()), reason::kLicenseNotFound);
  command.customer_id = "nobody";
  EXPECT_EQ(ReasonOf(Issue(SomeWorld(), today, command).status()), reason::kCustomerNotFound);
}

TEST(IsRevokedTest, WhenTheLicenseIsLessThanTheTokenSays) {
  const Date issued(2026, 3, 1);
  const struct {
    const char* what;
    std::function<void(World&)> change;
    bool revoked;
  } cases[] = {
      {"as it was", [](World&) {}, false},
      {"more units", [](World& w) { TheLicense(w).units = 26; }, false},
      {"another product, such as a level of it", [](World& w) { TheLicense(w).product_id = "cas-basic"; }, true},
      {"an earlier expiration, with more grace", [](World& w) { TheLicense(w).expiration_date = Date(2026, 6, 30); },
       true},
      {"a later expiration", [](World& w) { TheLicense(w).expiration_date = Date(2026, 7, 2); }, false},
      {"a term that began anew", [](World& w) { TheLicense(w).start_date = Date(2026, 3, 2); }, false},
      {"fewer units", [](World& w) { TheLicense(w).units = 24; }, true},
      {"renewed", [](World& w) { TheLicense(w).grace_end_date = Date(2027, 7, 31); }, false},
      {"an earlier end", [](World& w) { TheLicense(w).grace_end_date = Date(2026, 7, 30); }, true},
      {"an earlier end of life", [](World& w) { TheProduct(w).end_of_life_date = Date(2026, 7, 30); }, true},
      {"a later end of life", [](World& w) { TheProduct(w).end_of_life_date = Date(2026, 7, 31); }, false},
      {"suspended", [](World& w) { TheLicense(w).suspend_date = Date(2026, 3, 2); }, true},
      {"suspended from tomorrow", [](World& w) { TheLicense(w).suspend_date = Date(2026, 3, 3); }, false},
      {"canceled", [](World& w) { TheLicense(w).closed = true; }, true},
      {"customer disabled", [](World& w) { TheCustomer(w).state = model::CustomerState::kDisabled; }, true},
      {"partner canceled", [](World& w) { ThePartner(w).state = model::PartnerState::kCanceled; }, true},
      {"partner read only", [](World& w) { ThePartner(w).state = model::PartnerState::kSuspended; }, false},
      {"gone", [](World& w) { w.licenses.clear(); }, true},
  };
  const model::LicenseToken token = *Issue(SomeWorld(), issued);
  for (const auto& test : cases) {
    World world = SomeWorld();
    test.change(world);
    EXPECT_EQ(IsRevoked(world, token, Date(2026, 3, 2)), test.revoked) << test.what;
  }
}

TEST(IsRevokedTest, NotInGraceAndNoLongerOnceUnsuspended) {
  World world = SomeWorld();
  const model::LicenseToken token = *Issue(world, Date(2026, 6, 25));
  EXPECT_FALSE(IsRevoked(world, token, Date(2026, 7, 2)));
  TheLicense(world).suspend_date = Date(2026, 6, 26);
  EXPECT_TRUE(IsRevoked(world, token, Date(2026, 6, 26)));
  TheLicense(world).suspend_date.reset();
  EXPECT_FALSE(IsRevoked(world, token, Date(2026, 6, 26)));
}

}  // namespace
}  // namespace lmp::domain

#include "server/domain/license/license_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "tests/domain/vector_file.h"

namespace lmp::domain {
namespace {

using model::License;
using model::LicenseState;

// "2026-03-01 to 2026-06-01, grace to 2026-07-01, notice 30, first sign-in, activated, closed 2026-04-01"
std::optional<License> ReadLicense(const std::string& value) {
  License license{.customer_id = "acme", .license_id = "one", .product_kind = model::ProductKind::kService};
  for (const std::string& phrase : Phrases(value)) {
    const std::vector<std::string> words = Words(phrase);
    if (words.size() == 2 && words[0] == "closed" && ParseDate(words[1])) {
      license.closed = true;
      license.stamp.update_time = absl::FromCivil(*ParseDate(words[1]), absl::UTCTimeZone()) + absl::Hours(23);
    } else if (phrase == "first sign-in") {
      license.activation_policy = model::ActivationPolicy::kOnFirstSignIn;
    } else if (phrase == "activated") {
      license.activate_time = absl::UnixEpoch();
    } else if (words.size() == 2 && words[0] == "notice" && ParseNumber(words[1])) {
      license.expiration_notice_days = *ParseNumber(words[1]);
    } else if (words.size() == 3 && words[0] == "grace" && ParseDate(words[2])) {
      license.grace_end_date = *ParseDate(words[2]);
    } else if (words.size() == 3 && words[1] == "to" && ParseDate(words[0]) && ParseDate(words[2])) {
      license.start_date = *ParseDate(words[0]);
      license.expiration_date = *ParseDate(words[2]);
    } else {
      return std::nullopt;
    }
  }
  return license;
}

// "renews", "suspended DATE", "product ends DATE", "customer DISABLED", "customer deleted", "partner CANCELED"
bool ReadOwner(const std::vector<std::string>& words, License& license, StateOverlays& overlays) {
  if (words.size() == 3 && words[0] == "product") {
    overlays.end_of_life_date = ParseDate(words[2]);
    return overlays.end_of_life_date.has_value();
  }
  if (words.size() == 1 && words[0] == "renews") return overlays.renewing = true;
  if (words.size() != 2) return false;
  if (words[0] == "suspended") {
    license.suspend_date = ParseDate(words[1]);
    return license.suspend_date.has_value();
  }
  if (words[0] == "customer" && words[1] == "deleted") return overlays.customer_deleted = true;
  if (words[0] == "customer") {
    overlays.customer = model::ParseEnum<model::CustomerState>(words[1]).value_or(model::CustomerState::kUnspecified);
    return overlays.customer != model::CustomerState::kUnspecified;
  }
  overlays.partner = model::ParseEnum<model::PartnerState>(words[1]).value_or(model::PartnerState::kUnspecified);
  return words[0] == "partner" && overlays.partner != model::PartnerState::kUnspecified;
}

// The same overlays as rows, to see that LicenseStateIn finds them.
model::World WorldWith(License& license, const StateOverlays& overlays) {
  model::World world;
  model::Partner partner{.partner_id = "msp", .state = overlays.partner};
  world.MutableCatalog().partners[KeyOf(partner)] = partner;
  model::Customer customer{.customer_id = "acme", .partner_id = "msp", .state = overlays.customer};
  if (overlays.customer_deleted) customer.delete_time = absl::UnixEpoch();
  world.customers[KeyOf(customer)] = customer;
  model::Product product{.product_id = "product", .end_of_life_date = overlays.end_of_life_date};
  license.product_id = product.product_id;
  world.MutableCatalog().products[KeyOf(product)] = product;
  if (overlays.renewing) {
    model::Subscription subscription{.customer_id = "acme", .subscription_id = "sub"};
    subscription.terms.auto_renewal = true;
    subscription.terms.renewal_term_months = 1;
    license.subscription_id = subscription.subscription_id;
    world.subscriptions[KeyOf(subscription)] = subscription;
  }
  return world;
}

TEST(LicenseState, IsAsTheTableSays) {
  const VectorFile file = ReadVectorFile("license_status.txt");
  EXPECT_THAT(file.problems, testing::IsEmpty());
  std::optional<License> license;
  std::set<std::string> seen;
  for (const Line& line : file.lines) {
    SCOPED_TRACE(absl::StrCat(line.where, ": ", line.key, ": ", line.value));
    if (line.key == "license") {
      license = ReadLicense(line.value);
      ASSERT_TRUE(license.has_value()) << "can't read this license";
      continue;
    }
    const std::vector<std::string> phrases = Phrases(line.key);
    const auto today = ParseDate(phrases[0]);
    const auto expected = model::ParseEnum<LicenseState>(line.value);
    ASSERT_TRUE(today.has_value() && expected.has_value() && license.has_value()) << "can't read this line";
    StateOverlays overlays;
    License owned = *license;
    for (std::size_t i = 1; i < phrases.size(); ++i)
      ASSERT_TRUE(ReadOwner(Words(phrases[i]), owned, overlays)) << phrases[i];
    EXPECT_EQ(NameOf(LicenseStateOf(owned, overlays, *today)), line.value);
    const model::World world = WorldWith(owned, overlays);
    EXPECT_EQ(NameOf(LicenseStateIn(world, owned, *today)), line.value) << "with the overlays as rows";
    seen.insert(line.value);
  }
  for (std::size_t i = 1; i < std::size(model::EnumNames<LicenseState>::kNames); ++i) {
    EXPECT_TRUE(seen.count(std::string(model::EnumNames<LicenseState>::kNames[i])) > 0)
        << "no line for " << model::EnumNames<LicenseState>::kNames[i];
  }
}

TEST(LicenseStateIn, IsOverlaidByNothingIfTheOwnersAreNotThere) {
  License license = *ReadLicense("2026-03-01 to 2026-06-01, grace to 2026-07-01, notice 30");
  license.subscription_id = "sub";
  EXPECT_EQ(LicenseStateIn(model::World(), license, Date(2026, 3, 1)), LicenseState::kActive);
}

TEST(IsUsable, HoldsForActiveExpiringSoonAndGraceOnly) {
  for (const LicenseState state : {LicenseState::kActive, LicenseState::kExpiringSoon, LicenseState::kGrace}) {
    EXPECT_TRUE(IsUsable(state)) << NameOf(state);
  }
  for (const LicenseState state : {LicenseState::kUnspecified, LicenseState::kPending, LicenseState::kExpired,
                                   LicenseState::kNotActivated, LicenseState::kSuspended, LicenseState::kDisabled}) {
    EXPECT_FALSE(IsUsable(state)) << NameOf(state);
  }
}

TEST(IsUnended, HoldsFromBeforeTheStartToTheLastDayOfGraceUnlessClosed) {
  License license = *ReadLicense("2026-03-01 to 2026-06-01, grace to 2026-07-01, notice 30");
  for (const Date today : {Date(2025, 1, 1), Date(2026, 3, 1), Date(2026, 6, 1), Date(2026, 6, 30)}) {
    EXPECT_TRUE(IsUnended(license, today)) << today;
  }
  EXPECT_FALSE(IsUnended(license, Date(2026, 7, 1)));
  license.closed = true;
  EXPECT_FALSE(IsUnended(license, Date(2026, 3, 1)));
}

}  // namespace
}  // namespace lmp::domain

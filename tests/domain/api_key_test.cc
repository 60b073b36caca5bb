#include "server/domain/api_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "tests/domain/demo_catalog.h"
#include "tests/domain/fake_ids.h"
#include "tests/support/status_matchers.h"

namespace lmp::domain {
namespace {

using lmp::testing::IsOk;

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 3, 15, 12, 0, 0), absl::UTCTimeZone());

class ApiKeyTest : public ::testing::Test {
 protected:
  ApiKeyTest() {
    world_.catalog = TheDemoCatalog().catalog;
    for (const ApiKeyId& id : {ApiKeyId{"msp-one", "own"}, ApiKeyId{"msp-two", "other"}, ApiKeyId{"", "nobodys"}}) {
      model::ApiKey key{.key_id = id.key_id, .expire_time = kNow + absl::Hours(1)};
      if (!id.partner_id.empty()) key.partner_id = id.partner_id;
      world_.api_keys[KeyOf(key)] = key;
    }
  }

  std::string ReasonOf(const absl::Status& status) { return RefusalOf(status).reason; }
  Env EnvOf(const Caller& caller) { return {kNow, absl::ToCivilDay(kNow, absl::UTCTimeZone()), caller, ids_}; }

  model::World world_;
  FakeIds ids_;
  const Caller unbound_{.actor = "admin"};
  const Caller bound_{.actor = "partner", .partner_id = "msp-one"};
  const Caller viewer_{.actor = "viewer", .customer_id = "acme"};
};

TEST_F(ApiKeyTest, AKeyIsFoundByItsWholeNameAndByWhoMaySeeIt) {
  EXPECT_THAT(FindApiKey(world_, unbound_, {"msp-two", "other"}), IsOk());
  EXPECT_THAT(FindApiKey(world_, unbound_, {"", "nobodys"}), IsOk());
  EXPECT_THAT(FindApiKey(world_, bound_, {"msp-one", "own"}), IsOk());
  const std::vector<std::pair<Caller, ApiKeyId>> not_theirs = {
      {unbound_, {"msp-one", "other"}}, {unbound_, {"", "own"}},    {bound_, {"msp-two", "other"}},
      {bound_, {"", "nobodys"}},        {viewer_, {"", "nobodys"}}, {viewer_, {"msp-one", "own"}}};
  for (const auto& [caller, id] : not_theirs) {
    EXPECT_EQ(ReasonOf(FindApiKey(world_, caller, id).status()), reason::kApiKeyNotFound)
        << caller.actor << " " << id.partner_id << " " << id.key_id;
  }
}

TEST_F(ApiKeyTest, NobodyMakesOrEndsAKeyOfAnother) {
  const CreateApiKeyCommand create{.key_id = "new", .partner_id = "msp-two", .roles = {"CHECKER"}};
  EXPECT_EQ(ReasonOf(CreateApiKey(world_, create, EnvOf(bound_)).status()), reason::kPartnerNotFound);
  const CreateApiKeyCommand unbound{.key_id = "new", .roles = {"CHECKER"}};
  EXPECT_EQ(ReasonOf(CreateApiKey(world_, unbound, EnvOf(bound_)).status()), reason::kInvalidFields);
  EXPECT_EQ(ReasonOf(CreateApiKey(world_, unbound, EnvOf(viewer_)).status()), reason::kInvalidFields);
  EXPECT_EQ(ReasonOf(RevokeApiKey(world_, {{"msp-two", "other"}, ""}, EnvOf(bound_)).status()),
            reason::kApiKeyNotFound);
  EXPECT_EQ(ReasonOf(RevokeApiKey(world_, {{"", "nobodys"}, ""}, EnvOf(bound_)).status()), reason::kApiKeyNotFound);
  EXPECT_THAT(RevokeApiKey(world_, {{"msp-one", "own"}, ""}, EnvOf(bound_)), IsOk());
}

TEST_F(ApiKeyTest, TheStateFollowsFromRowAndTime) {
  const model::ApiKey& key = *Find(world_.api_keys, "own");
  EXPECT_EQ(StateOf(key, kNow), model::ApiKeyState::kActive);
  EXPECT_EQ(StateOf(key, key.expire_time), model::ApiKeyState::kExpired);
  ASSERT_THAT(RevokeApiKey(world_, {{"msp-one", "own"}, ""}, EnvOf(unbound_)), IsOk());
  EXPECT_EQ(StateOf(key, key.expire_time), model::ApiKeyState::kRevoked);
  EXPECT_EQ(key.revoke_time, kNow);
}

TEST_F(ApiKeyTest, WithoutAWordAKeyHoldsForAYearToTheEndOfTheDay) {
  ASSERT_THAT(CreateApiKey(world_, {.key_id = "new", .partner_id = "msp-one", .roles = {"METER"}}, EnvOf(bound_)),
              IsOk());
  EXPECT_EQ(Find(world_.api_keys, "new")->expire_time,
            absl::FromCivil(absl::CivilDay(2027, 3, 16), absl::UTCTimeZone()));
}

TEST_F(ApiKeyTest, AMarkIsNoChange) {
  model::ApiKey used = *Find(world_.api_keys, "own");
  used.last_use_time = kNow;
  EXPECT_TRUE(OnlyMarkDiffers(*Find(world_.api_keys, "own"), used));
  used.display_name = "another";
  EXPECT_FALSE(OnlyMarkDiffers(*Find(world_.api_keys, "own"), used));
}

}  // namespace
}  // namespace lmp::domain

// API keys beside the engine, and what migration 11 makes of those there were: rows whose last event is what they are.
#include "storage/api_keys.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/mysql/migrator.h"
#include "storage/rows/images.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::lmp::testing::IsOk;
using ::lmp::testing::TestDatabase;

constexpr size_t kBefore = 10;  // migrations, up to the table with one role
const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 11, 30, 12, 0, 0), absl::UTCTimeZone());

std::vector<std::string> KindsOf(Connection& connection, const std::string& key_id) {
  const auto rows =
      connection.Query("SELECT kind FROM events WHERE row_table = 'api_keys' AND key1 = ? ORDER BY revision", {key_id});
  EXPECT_THAT(rows, IsOk());
  std::vector<std::string> kinds;
  while (rows.ok() && (*rows)->Next()) kinds.push_back((*rows)->String(0));
  return kinds;
}

void ExpectLastEventIs(Connection& connection, const model::ApiKey& key) {
  const auto rows = connection.Query(
      "SELECT after_image FROM events WHERE row_table = 'api_keys' AND key1 = ? "
      "AND key2 = '' ORDER BY revision DESC LIMIT 1",
      {key.key_id});
  ASSERT_THAT(rows, IsOk());
  ASSERT_TRUE((*rows)->Next()) << key.key_id << " has no event";
  const auto told = RowOf<model::ApiKey>((*rows)->String(0));
  ASSERT_THAT(told, IsOk());
  EXPECT_TRUE(*told == key || OnlyMarkDiffers(*told, key)) << (*rows)->String(0) << "\n" << ImageOf(key);
}

TEST(ApiKeysTest, KeysOfBeforeHaveTheirRoleAndAnEvent) {
  TestDatabase database(TestDatabase::Schema::kEmpty);
  const std::unique_ptr<Connection> connection = database.Connect();
  ASSERT_THAT(Migrate(*connection, {.migrations = EmbeddedMigrations().first(kBefore)}), IsOk());
  ASSERT_THAT(connection->Execute("SET SESSION foreign_key_checks = 0"), IsOk());
  ASSERT_THAT(
      connection->Execute(
          "INSERT INTO api_keys (key_id, partner_id, role, display_name, secret_hash, expire_time, revoke_time, "
          "last_use_time, create_time) VALUES "
          "('one', 'acme', 'CHECKER', 'the \"shop\" \\\\ till', 'h1', '2027-01-01', NULL, '2026-11-30 11:00:00', "
          "'2026-01-02 03:04:05.000006'), "
          "('two', NULL, 'ADMIN', '', 'h2', '2027-01-01', '2026-02-03 04:05:06.000007', NULL, '2026-01-02')"),
      IsOk());
  ASSERT_THAT(Migrate(*connection, {}), IsOk());

  const auto keys = LoadApiKeys(*connection);
  ASSERT_THAT(keys, IsOk());
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_THAT(keys->at(0).roles, ::testing::ElementsAre("CHECKER"));
  EXPECT_THAT(keys->at(1).roles, ::testing::ElementsAre("ADMIN"));
  for (const model::ApiKey& key : *keys) {
    EXPECT_EQ(key.stamp.revision, 1);
    EXPECT_EQ(key.stamp.update_time, key.stamp.create_time);
    ExpectLastEventIs(*connection, key);
  }
  // A server of before goes on: its columns are there, and of a new key its role is nothing that it knows.
  ASSERT_THAT(
      InsertApiKey(*connection, {.key_id = "new", .roles = {"METER"}, .secret_hash = "h3"}, {.event_time = kNow}),
      IsOk());
  const auto role = connection->Query("SELECT role FROM api_keys WHERE key_id = 'new'", {});
  ASSERT_THAT(role, IsOk());
  ASSERT_TRUE((*role)->Next());
  EXPECT_EQ((*role)->String(0), "");
}

TEST(ApiKeysTest, WhatAnOperatorDoesHasItsEvent) {
  TestDatabase database(TestDatabase::Schema::kMigrated);
  const std::unique_ptr<Connection> connection = database.Connect();
  const model::ApiKey key{
      .key_id = "k1", .roles = {"ADMIN"}, .secret_hash = "h1", .expire_time = kNow + absl::Hours(1)};
  ASSERT_THAT(InsertApiKey(*connection, key, {.event_time = kNow, .actor = "lmp-server", .kind = "API_KEY_CREATED"}),
              IsOk());
  ASSERT_THAT(NoteUse(*connection, "k1", kNow), IsOk());
  ASSERT_THAT(NoteUse(*connection, "k1", kNow - absl::Hours(1)), IsOk());  // comes late, and is nothing new
  const std::unique_ptr<Connection> holder = database.Connect();
  ASSERT_THAT(holder->Execute("BEGIN"), IsOk());
  ASSERT_THAT(holder->Execute("SELECT * FROM api_keys FOR UPDATE"), IsOk());
  ASSERT_THAT(NoteUse(*connection, "k1", kNow + absl::Hours(1)), IsOk());  // nobody waits for it
  ASSERT_THAT(holder->Execute("ROLLBACK"), IsOk());
  for (int i = 0; i < 2; ++i) {  // a second time it changes nothing
    ASSERT_THAT(RevokeApiKey(*connection, "k1", {.event_time = kNow + absl::Minutes(i + 1), .kind = "API_KEY_REVOKED"}),
                IsOk());
  }
  const auto found = FindApiKey(*connection, "h1");
  ASSERT_THAT(found, IsOk());
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->revoke_time, kNow + absl::Minutes(1));
  EXPECT_EQ((*found)->last_use_time, kNow);
  EXPECT_EQ((*found)->stamp.revision, 2);
  ExpectLastEventIs(*connection, **found);
  EXPECT_THAT(KindsOf(*connection, "k1"), ::testing::ElementsAre("API_KEY_CREATED", "API_KEY_REVOKED"));
  EXPECT_EQ(RevokeApiKey(*connection, "k2", {.event_time = kNow}).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(InsertApiKey(*connection, {.key_id = "k3", .partner_id = "nobody"}, {.event_time = kNow}).code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace lmp::storage

// What is loaded and saved when somebody else did what nobody should: the catalog of a backup, a row under its lock.
#include "storage/world_store.h"

#include <string>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/catalog_cache.h"
#include "storage/mysql/database.h"
#include "storage/status_macros.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::lmp::testing::StatusIs;
using ::lmp::testing::TestDatabase;

constexpr char kMsp[] = "msp";

class WorldStoreTest : public ::testing::Test {
 protected:
  WorldStoreTest() { EXPECT_OK(Name("first")); }

  // Gives the partner this name as a server does, and does `before_saving` between the decision and its storing.
  absl::Status Name(
      const std::string& name, CatalogCache& cache,
      std::function<absl::Status(Connection&)> before_saving = [](auto&) { return absl::OkStatus(); }) {
    return database_.Transact(absl::Now() + absl::Seconds(30), [&](Connection& connection) -> absl::Status {
      ++runs_;
      const model::Footprint footprint{.changes_catalog = true, .partners = {kMsp}};
      ASSIGN_OR_RETURN(const model::World before, LoadWorld(connection, footprint, Locking::kWrite, cache));
      model::World after = before;
      model::Partner& partner = after.MutableCatalog().partners[{kMsp, ""}];
      partner.partner_id = kMsp;
      partner.tier = model::PartnerTier::kDistributor;
      partner.state = model::PartnerState::kActive;
      partner.display_name = name;
      StampChanges(before, after, absl::Now());
      RETURN_IF_ERROR(before_saving(connection));
      return SaveChanges(connection, Diff(before, after));
    });
  }
  absl::Status Name(const std::string& name) {
    CatalogCache cache;
    return Name(name, cache);
  }

  std::string NameSeenBy(CatalogCache& cache) {
    std::string name;
    EXPECT_OK(database_.Snapshot(absl::Now() + absl::Seconds(30), [&](Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(const model::World world, LoadWorld(connection, {.partners = {kMsp}}, Locking::kNone, cache));
      name = world.catalog->partners.at({kMsp, ""}).display_name;
      return absl::OkStatus();
    }));
    return name;
  }

  int64_t Version() {
    const auto rows = *admin_->Query("SELECT version FROM catalogue_version", {});
    EXPECT_TRUE(rows->Next());
    return rows->Int64(0);
  }

  TestDatabase schema_;
  std::unique_ptr<Connection> admin_ = schema_.Connect();
  Database database_{schema_.options(), 1};
  int runs_ = 0;
};

// Also where no lock could keep it from being changed: on a cluster with several writing nodes.
TEST_F(WorldStoreTest, ARowThatChangedUnderItsLockRunsTheTransactionAgain) {
  runs_ = 0;
  CatalogCache cache;
  EXPECT_OK(Name("second", cache, [&](Connection& connection) {
    return runs_ == 1 ? connection.Execute("UPDATE partners SET revision = revision + 1") : absl::OkStatus();
  }));
  EXPECT_EQ(runs_, 2);
  EXPECT_EQ(NameSeenBy(cache), "second");
}

TEST_F(WorldStoreTest, ARowThatChangesEachTimeIsAborted) {
  CatalogCache cache;
  EXPECT_THAT(
      Name("second", cache,
           [&](Connection& connection) { return connection.Execute("UPDATE partners SET revision = revision + 1"); }),
      StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(NameSeenBy(cache), "first");
}

// A backup brings the number back that the catalog had then, and the next change counts it up: that number was used
// before, for other rows, which a server that went on running still has in its cache.
TEST_F(WorldStoreTest, AVersionOfTheCatalogIsNeverUsedTwice) {
  const int64_t then = Version();
  ASSERT_OK(admin_->Execute("CREATE TABLE backup AS SELECT * FROM partners"));
  ASSERT_OK(Name("lost with the restore"));
  const int64_t lost = Version();
  CatalogCache cache;
  ASSERT_EQ(NameSeenBy(cache), "lost with the restore");

  ASSERT_OK(admin_->Execute("REPLACE INTO partners SELECT * FROM backup"));
  ASSERT_OK(admin_->Execute("DROP TABLE backup"));
  ASSERT_OK(admin_->Update("UPDATE catalogue_version SET version = ?", {then}).status());
  ASSERT_OK(Name("after the restore"));
  EXPECT_GT(Version(), lost);
  EXPECT_EQ(NameSeenBy(cache), "after the restore");
}

}  // namespace
}  // namespace lmp::storage

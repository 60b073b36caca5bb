// What did not change of the catalog stays cached, whoever changed the rest.
#include "storage/catalog_cache.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/mysql/database.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::testing::IsEmpty;
using testing::TestDatabase;

constexpr char kUpperPartner[] = "north", kPartner[] = "msp";

model::Partner NewPartner(const std::string& id, const std::string& parent) {
  model::Partner partner;
  partner.partner_id = id;
  partner.display_name = id;
  partner.tier = parent.empty() ? model::PartnerTier::kDistributor : model::PartnerTier::kReseller;
  if (!parent.empty()) partner.parent_id = parent;
  partner.stamp = {.revision = 1, .create_time = absl::UnixEpoch(), .update_time = absl::UnixEpoch()};
  return partner;
}

class CatalogCacheTest : public ::testing::Test {
 protected:
  CatalogCacheTest() {
    model::ChangeSet changes;
    changes.partners.push_back({.after = NewPartner(kUpperPartner, "")});
    changes.partners.push_back({.after = NewPartner(kPartner, kUpperPartner)});
    EXPECT_OK(SaveChanges(*admin_, changes));
  }

  // As another server would.
  void Rename(const std::string& id, const std::string& name) {
    EXPECT_OK(database_.Transact(absl::Now() + absl::Seconds(30), [&](Connection& connection) -> absl::Status {
      CatalogCache own;
      ASSIGN_OR_RETURN(const model::World before,
                       LoadWorld(connection, {.changes_catalog = true, .partners = {id}}, Locking::kWrite, own));
      model::World after = before;
      after.MutableCatalog().partners[{id, ""}].display_name = name;
      StampChanges(before, after, absl::FromUnixMicros(++micros_));
      return SaveChanges(connection, Diff(before, after));
    }));
  }

  // The name, and how many statements it took to find it.
  std::pair<std::string, int64_t> Read(const std::string& id, CatalogCache& cache) {
    std::pair<std::string, int64_t> found;
    for (int run = 0; run < 2; ++run) {  // in the first run statements are prepared
      CatalogCache& used = run == 0 ? warm_ : cache;
      EXPECT_OK(database_.Snapshot(absl::Now() + absl::Seconds(30), [&](Connection& connection) -> absl::Status {
        const int64_t before = connection.round_trips();
        ASSIGN_OR_RETURN(const model::World world, LoadWorld(connection, {.partners = {id}}, Locking::kNone, used));
        found = {world.catalog->partners.at({id, ""}).display_name, connection.round_trips() - before};
        EXPECT_EQ(world.catalog->partners.size(), id == kPartner ? 2U : 1U);
        return absl::OkStatus();
      }));
    }
    return found;
  }

  TestDatabase schema_;
  std::unique_ptr<Connection> admin_ = schema_.Connect();
  Database database_{schema_.options(), 1};
  CatalogCache cache_, warm_;
  int64_t micros_ = 1;
};

using NameAndStatements = std::pair<std::string, int64_t>;

TEST_F(CatalogCacheTest, WhatDidNotChangeIsConfirmedByOneStatement) {
  EXPECT_EQ(Read(kPartner, cache_).first, kPartner);
  EXPECT_EQ(Read(kPartner, cache_), NameAndStatements(kPartner, 1));  // the version
  Rename("north", "north");                                           // no change
  EXPECT_EQ(Read(kPartner, cache_), NameAndStatements(kPartner, 1));
  model::ChangeSet more;
  more.partners.push_back({.after = NewPartner("other", "")});
  EXPECT_OK(SaveChanges(*admin_, more));  // in nobody's cache
  EXPECT_EQ(Read(kPartner, cache_), NameAndStatements(kPartner, 1));
  Rename("other", "another");
  Read(kPartner, warm_);
  EXPECT_EQ(Read(kPartner, cache_), NameAndStatements(kPartner, 2));  // the partner and its parent at once
  EXPECT_EQ(Read(kPartner, cache_), NameAndStatements(kPartner, 1));
}

TEST_F(CatalogCacheTest, OnlyWhatChangedIsReadAgain) {
  Read(kPartner, cache_);
  Rename(kPartner, "renamed");
  Read(kPartner, warm_);
  EXPECT_EQ(Read(kPartner, cache_), NameAndStatements("renamed", 3));  // the version, the stamps, the row
  EXPECT_EQ(Read(kUpperPartner, cache_), NameAndStatements(kUpperPartner, 1));
  Rename(kUpperPartner, "renamed, too");
  EXPECT_EQ(Read(kPartner, cache_).first, "renamed");
  EXPECT_EQ(Read(kUpperPartner, cache_).first, "renamed, too");
}

// Readers of older snapshots and of newer ones use the same cache.
TEST_F(CatalogCacheTest, ARowIsKnownFromItsFirstVersionToItsLast) {
  CatalogCache cache;
  model::Partner partner = NewPartner("msp", "");
  cache.Store<model::Partner>(10, {{{"msp", ""}, partner}});
  const auto missing = [&](int64_t version) {
    model::Rows<model::Partner> found;
    return cache.Lookup<model::Partner>(version, {"msp"}, found).size();
  };
  EXPECT_EQ(missing(10), 0U);
  EXPECT_EQ(missing(9), 1U);
  EXPECT_EQ(missing(11), 1U);
  EXPECT_EQ(cache.Unconfirmed(11, {.partners = {"msp"}}).partners.size(), 1U);
  cache.Confirm<model::Partner>(12, "msp", 2, absl::UnixEpoch());  // another revision
  EXPECT_EQ(missing(12), 1U);
  cache.Confirm<model::Partner>(12, "msp", 1, absl::UnixEpoch() + absl::Microseconds(1));  // of another history
  EXPECT_EQ(missing(12), 1U);
  cache.Confirm<model::Partner>(12, "msp", 1, absl::UnixEpoch());
  EXPECT_EQ(missing(11), 0U);
  EXPECT_EQ(missing(12), 0U);
  partner.stamp.revision = 2;
  cache.Store<model::Partner>(11, {{{"msp", ""}, partner}});  // read late: what is known of 12 stays
  EXPECT_EQ(missing(12), 0U);
  cache.Store<model::Partner>(13, {{{"msp", ""}, partner}});
  EXPECT_EQ(missing(12), 1U);
  EXPECT_EQ(missing(13), 0U);
}

TEST_F(CatalogCacheTest, ItHoldsNoMoreRowsThanItMay) {
  CatalogCache cache(3);
  for (int i = 0; i < 10; ++i) {
    const std::string id = absl::StrCat("msp-", i);
    cache.Store<model::Partner>(i, {{{id, ""}, NewPartner(id, "")}});
    EXPECT_LE(cache.size(), 3U);
    model::Rows<model::Partner> found;
    EXPECT_THAT(cache.Lookup<model::Partner>(i, {id}, found), IsEmpty());
  }
}

}  // namespace
}  // namespace lmp::storage

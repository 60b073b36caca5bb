// The tree of hashes in the database: it grows with the history, also with one of before, and proves what it must.
#include "storage/history_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/event_sequence.h"
#include "storage/events.h"
#include "storage/history_chain.h"
#include "storage/status_macros.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;

class HistoryTreeTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(connection_, IsOk()); }
  Connection& db() { return **connection_; }

  // So many events, one a transaction.
  void Commit(int count) {
    std::vector<model::Event> events;
    for (int i = 0; i < count; ++i) {
      ++committed_;
      events.push_back({.event_time = absl::FromUnixSeconds(1'800'000'000 + committed_),
                        .kind = "SUBSCRIPTION_UPDATED",
                        .row_table = "licenses",
                        .key1 = "bakery",
                        .key2 = "l",
                        .revision = committed_,
                        .after = absl::StrCat("{\"units\":", committed_, "}"),
                        .partner_id = "acme"});
    }
    ASSERT_THAT(InsertEvents(db(), events), IsOk());
  }

  absl::StatusOr<bool> SequenceOnce(int limit) {
    RETURN_IF_ERROR(db().Execute("BEGIN"));
    const absl::StatusOr<Sequenced> result = SequenceEvents(db(), limit);
    RETURN_IF_ERROR(db().Execute(result.ok() ? "COMMIT" : "ROLLBACK"));
    RETURN_IF_ERROR(result.status());
    return result->more;
  }
  void Sequence(int limit = 1000) {
    for (bool more = true; more;) {
      const auto result = SequenceOnce(limit);
      ASSERT_THAT(result, IsOk());
      more = *result;
    }
  }

  std::vector<std::string> Leaves() {
    std::vector<std::string> leaves;
    const auto events = LoadBySequence(db(), {.limit = 100'000});
    for (const model::Event& event : *events) leaves.push_back(LeafHash(RecordOf(event)));
    return leaves;
  }
  static std::string RootOf(const std::vector<std::string>& leaves, size_t size) {
    MerkleFrontier frontier;
    for (size_t i = 0; i < size; ++i) frontier.Append(leaves[i]);
    return frontier.Root();
  }

  testing::TestDatabase database_;
  absl::StatusOr<std::unique_ptr<Connection>> connection_ = Connection::Open(database_.options());
  int committed_ = 0;
};

TEST_F(HistoryTreeTest, ProvesEachEventAndEachBeginning) {
  for (int part : {1, 300, 5, 700, 23}) {
    Commit(part);
    Sequence(100);
  }
  const std::vector<std::string> leaves = Leaves();
  const auto tree = LoadTree(db());
  ASSERT_THAT(tree, IsOk());
  ASSERT_EQ(tree->size(), 1029);
  EXPECT_EQ(tree->Root(), RootOf(leaves, leaves.size()));
  for (int64_t size : {1029, 1024, 777, 256, 3}) {
    const std::string root = RootOf(leaves, static_cast<size_t>(size));
    for (int64_t sequence : {1, 2, 255, 256, 257, 512, 513, 776, 1024, 1025, 1029}) {
      if (sequence > size) continue;
      const auto path = ProveInclusion(db(), sequence, size);
      ASSERT_THAT(path, IsOk());
      EXPECT_TRUE(IsIncluded(leaves[static_cast<size_t>(sequence) - 1], sequence - 1, size, *path, root));
      const auto beginning = ProveBeginning(db(), sequence, size);
      ASSERT_THAT(beginning, IsOk());
      EXPECT_TRUE(IsBeginning(sequence, RootOf(leaves, static_cast<size_t>(sequence)), size, root, *beginning));
    }
  }
  EXPECT_THAT(VerifyChain(db()).value().why, "");
}

TEST_F(HistoryTreeTest, AHistoryOfBeforeIsAddedBitByBit) {
  Commit(5000);
  Sequence();
  const std::string root = LoadTree(db())->Root();
  ASSERT_THAT(db().Execute("UPDATE history_head SET tree_size = 0, tree = ''"), IsOk());
  ASSERT_THAT(db().Execute("DELETE FROM history_nodes"), IsOk());
  EXPECT_THAT(AnyWithoutSequence(db()), IsOkAndHolds(true));
  EXPECT_THAT(SequenceOnce(1000), IsOkAndHolds(true));
  EXPECT_THAT(VerifyChain(db()).value().why, "") << "the tree is behind, but right";
  Commit(10);  // meanwhile
  Sequence();
  EXPECT_EQ(LoadTree(db())->size(), 5010);
  EXPECT_EQ(LoadTree(db())->Root(), RootOf(Leaves(), 5010));
  EXPECT_EQ(root, RootOf(Leaves(), 5000));
  EXPECT_THAT(AnyWithoutSequence(db()), IsOkAndHolds(false));
  EXPECT_THAT(VerifyChain(db()).value().why, "");
}

TEST_F(HistoryTreeTest, WhatWasChangedInItIsFound) {
  Commit(600);
  Sequence();
  ASSERT_THAT(VerifyChain(db()).value().why, "");
  ASSERT_THAT(db().Execute("UPDATE history_nodes SET node = REPEAT('x', 32) WHERE level = 8 AND place = 1"), IsOk());
  EXPECT_THAT(VerifyChain(db()).value().why, HasSubstr("the tree of hashes"));
  ASSERT_THAT(db().Execute("DELETE FROM history_nodes WHERE level = 8 AND place = 1"), IsOk());
  EXPECT_THAT(VerifyChain(db()).value().why, HasSubstr("the tree of hashes"));
  EXPECT_FALSE(ProveInclusion(db(), 1, 600).ok());
}

TEST_F(HistoryTreeTest, AGapEndsTheTreeButNotTheHistory) {
  Commit(10);
  Sequence();
  ASSERT_THAT(db().Execute("UPDATE history_head SET tree_size = 0, tree = ''"), IsOk());
  ASSERT_THAT(db().Execute("DELETE FROM events WHERE sequence = 4"), IsOk());
  Commit(1);
  Sequence();
  EXPECT_EQ(LoadHistoryHead(db())->sequence, 11);
  EXPECT_EQ(LoadTree(db())->size(), 0);
}

}  // namespace
}  // namespace lmp::storage

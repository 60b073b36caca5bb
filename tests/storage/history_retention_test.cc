// The beginning of the history is taken away, in whole blocks, and what is left is proven and asked about as before.
#include "storage/history_retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/event_archive.h"
#include "storage/event_sequence.h"
#include "storage/events.h"
#include "storage/history.h"
#include "storage/history_chain.h"
#include "storage/history_tree.h"
#include "storage/status_macros.h"
#include "tests/storage/in_transaction.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;

const absl::Time kStart = absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone());
constexpr int kEventCount = 1100;
constexpr int kBlock = static_cast<int>(kTreeBlock);

class HistoryRetentionTest : public ::testing::Test {
 protected:
  // Event n is of minute n, and sets one product's name to n; all but the last hundred are in the archive.
  void SetUp() override {
    ASSERT_THAT(connection_, IsOk());
    std::vector<model::Event> events;
    for (int i = 1; i <= kEventCount; ++i) {
      events.push_back({.event_time = At(i),
                        .kind = "PRODUCT_UPDATED",
                        .row_table = "products",
                        .key1 = "p",
                        .revision = i,
                        .before = i == 1 ? std::nullopt : std::optional<std::string>(Image(i - 1)),
                        .after = Image(i),
                        .partner_id = ""});
    }
    ASSERT_THAT(InsertEvents(db(), events), IsOk());
    ASSERT_THAT(InTransaction(db(), [&] { return SequenceEvents(db(), 10'000).status(); }), IsOk());
    Archive(kEventCount - 100);
    ASSERT_EQ(Verify(), "");
  }
  Connection& db() { return **connection_; }
  static absl::Time At(int minute) { return kStart + absl::Minutes(minute); }
  static std::string Image(int number) {
    return absl::StrCat("{\"product_id\":\"p\",\"display_name\":\"", number, "\"}");
  }

  void Archive(int limit) {
    ASSERT_THAT(InTransaction(db(), [&] { return ArchiveEvents(db(), absl::InfiniteFuture(), limit).status(); }),
                IsOk());
  }
  absl::StatusOr<int64_t> Drop(absl::Time before) {
    int64_t dropped = 0;
    RETURN_IF_ERROR(InTransaction(db(), [&]() -> absl::Status {
      ASSIGN_OR_RETURN(dropped, DropEvents(db(), before, kBlock));
      return absl::OkStatus();
    }));
    return dropped;
  }
  std::string Verify(const std::vector<KnownHead>& known = {}) {
    const absl::StatusOr<ChainReport> report = VerifyChain(db(), known);
    if (!report.ok()) return report.status().ToString();
    return report->broken == 0 ? "" : absl::StrCat(report->broken, ": ", report->why);
  }
  std::string VerifyAfter(const std::string& change) {
    EXPECT_THAT(db().Execute("BEGIN"), IsOk());
    EXPECT_THAT(db().Update(change, {}), IsOk());
    std::string said = Verify();
    EXPECT_THAT(db().Execute("ROLLBACK"), IsOk());
    return said;
  }

  testing::TestDatabase database_;
  absl::StatusOr<std::unique_ptr<Connection>> connection_ = Connection::Open(database_.options());
};

TEST_F(HistoryRetentionTest, WholeBlocksGoThatAreOldAndInTheArchive) {
  EXPECT_THAT(Drop(At(kBlock)), IsOkAndHolds(0)) << "the last event of the block is not old enough";
  EXPECT_THAT(Drop(At(kBlock + 1)), IsOkAndHolds(kBlock));
  EXPECT_THAT(Drop(At(kBlock + 1)), IsOkAndHolds(0));
  const auto base = LoadHistoryBase(db());
  ASSERT_THAT(base, IsOk());
  EXPECT_EQ(base->sequence, kBlock);
  EXPECT_EQ(base->time, At(kBlock));
  EXPECT_EQ(BeforeEarliest(db(), *LoadHistoryHead(db())).value(), kBlock);
  const absl::Time late = absl::InfiniteFuture();
  EXPECT_THAT(Drop(late), IsOkAndHolds(kBlock));
  EXPECT_THAT(Drop(late), IsOkAndHolds(kBlock));
  EXPECT_THAT(Drop(late), IsOkAndHolds(0)) << "the next block is not all in the archive";
  Archive(kEventCount);
  EXPECT_THAT(Drop(late), IsOkAndHolds(kBlock));
  EXPECT_THAT(Drop(late), IsOkAndHolds(0));
  EXPECT_EQ(Verify(), "");
  EXPECT_EQ(VerifyChain(db())->before, 4 * kBlock);
  EXPECT_EQ(VerifyChain(db())->events, kEventCount - 4 * kBlock);
}

TEST_F(HistoryRetentionTest, NothingGoesThatTheTreeDoesNotHaveYet) {
  ASSERT_THAT(db().Execute("UPDATE history_head SET tree_size = 0, tree = ''"), IsOk());
  EXPECT_THAT(Drop(absl::InfiniteFuture()), IsOkAndHolds(0));
}

TEST_F(HistoryRetentionTest, WhatIsKeptIsProvenAsBefore) {
  const std::string root = LoadTree(db())->Root();
  const auto leaf = [&](int64_t sequence) {
    return LeafOf(LoadBySequence(db(), {.after = sequence - 1, .limit = 1})->front());
  };
  for (int blocks = 1; blocks <= 3; ++blocks) {
    ASSERT_THAT(Drop(absl::InfiniteFuture()), IsOkAndHolds(kBlock));
    for (int64_t sequence : {blocks * kBlock + 1, blocks * kBlock + 77, 1024, 1025, kEventCount}) {
      const auto path = ProveInclusion(db(), sequence, kEventCount);
      ASSERT_THAT(path, IsOk());
      EXPECT_TRUE(IsIncluded(leaf(sequence), sequence - 1, kEventCount, *path, root)) << sequence;
      EXPECT_THAT(ProveBeginning(db(), sequence, kEventCount), IsOk());
    }
    EXPECT_EQ(Verify(), "");
  }
}

TEST_F(HistoryRetentionTest, WhatIsKeptCantBeChangedAndItsBeginningCantBeCutOff) {
  const HistoryHead head = *LoadHistoryHead(db());
  const std::string at_500 = LoadBySequence(db(), {.after = 499, .limit = 1})->front().chain_hash;
  const std::string at_512 = LoadBySequence(db(), {.after = 511, .limit = 1})->front().chain_hash;
  for (int i = 0; i < 2; ++i) ASSERT_THAT(Drop(absl::InfiniteFuture()), IsOkAndHolds(kBlock));
  EXPECT_EQ(VerifyAfter("DELETE FROM events_archive WHERE sequence = 513"), "513: event 513 is missing");
  EXPECT_THAT(VerifyAfter("UPDATE events_archive SET actor = 'x' WHERE sequence = 600"),
              HasSubstr("600: event 600 is not"));
  EXPECT_THAT(VerifyAfter("UPDATE history_head SET base_hash = REPEAT('x', 32)"), HasSubstr("513: event 513 is not"));
  EXPECT_THAT(VerifyAfter("UPDATE history_head SET base_sequence = 768"), HasSubstr("769: event 769 is not"));
  EXPECT_THAT(VerifyAfter("UPDATE history_head SET base_sequence = 0"), HasSubstr("1: event 1 is missing"));
  EXPECT_THAT(VerifyAfter("UPDATE history_nodes SET node = REPEAT('x', 32) WHERE level = 8 AND place = 1"),
              HasSubstr("the tree of hashes is not that"));
  EXPECT_THAT(VerifyAfter("UPDATE history_nodes SET node = REPEAT('x', 32) WHERE level = 9 AND place = 0"),
              HasSubstr("the tree of hashes is not that"));
  EXPECT_EQ(Verify({{head.sequence, head.chain_hash}, {512, at_512}}), "");
  EXPECT_THAT(Verify({{512, at_500}}), HasSubstr("of another history"));
  EXPECT_THAT(Verify({{500, at_500}}), HasSubstr("of before what is kept"));
}

// Lists find events by their row or id, and look at no place: what is beside the chain would be told as history.
TEST_F(HistoryRetentionTest, EventsBesideTheChainAreFound) {
  const auto insert = [](const std::string& from, const std::string& place, int64_t id) {
    return absl::StrCat("INSERT INTO ", from,
                        " (event_id, event_time, actor, reason, request_id, kind, row_table, key1, ",
                        "key2, revision, after_image, partner_id, sequence) SELECT ", id,
                        ", event_time, 'eve', '', '', kind, row_table, key1, 'ghost', 1, after_image, partner_id, ",
                        place, " FROM events WHERE sequence = ", kEventCount);
  };
  for (const char* table : {kEvents, kEventArchive}) {
    EXPECT_THAT(VerifyAfter(insert(table, "-1", 900'000)), HasSubstr("(events/900000) is there, but is no part of"));
    EXPECT_THAT(VerifyAfter(insert(table, "7", 900'000)), HasSubstr("7"));
    EXPECT_THAT(VerifyAfter(insert(table, "sequence", 900'000)),
                HasSubstr(absl::StrCat("there are two events ", kEventCount)));
  }
  EXPECT_EQ(VerifyAfter(insert(kEvents, "0", 900'000)), "") << "it is to be numbered";
  EXPECT_THAT(VerifyAfter("UPDATE history_head SET base_sequence = 256, base_time = '2020-01-01', base_hash = (SELECT "
                          "chain_hash FROM events_archive WHERE sequence = 256)"),
              HasSubstr("is there, but is no part of the history that is kept"));
}

// What is right before an event is in the event: so a row can be asked about whose events of then are gone.
TEST_F(HistoryRetentionTest, ARowIsAsItWasThoughItsEventsOfThenAreGone) {
  for (int i = 0; i < 2; ++i) ASSERT_THAT(Drop(absl::InfiniteFuture()), IsOkAndHolds(kBlock));
  const EventScope row{"products", "p", ""};
  EXPECT_EQ(LoadImageAt(db(), row, At(600)).value(), Image(600));
  EXPECT_EQ(LoadImageAt(db(), row, At(512)).value(), Image(512));
}

}  // namespace
}  // namespace lmp::storage

// Every committed event gets its place, whoever commits when; and nothing in the history can be changed unseen.
#include "storage/event_sequence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/event_archive.h"
#include "storage/events.h"
#include "storage/history_chain.h"
#include "storage/merkle.h"
#include "storage/status_macros.h"
#include "tests/storage/in_transaction.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;

const absl::Time kStart = absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone());

class EventSequenceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(connection_, IsOk());
    ASSERT_THAT(other_, IsOk());
  }

  Connection& db() { return **connection_; }
  Connection& other() { return **other_; }

  // Events of one transaction: at this minute, of these rows.
  std::vector<model::Event> EventsAt(int minute, const std::vector<std::string>& rows) {
    std::vector<model::Event> events;
    for (const std::string& row : rows) {
      events.push_back({.event_time = kStart + absl::Minutes(minute),
                        .actor = "anna",
                        .kind = "SUBSCRIPTION_UPDATED",
                        .row_table = "licenses",
                        .key1 = "bakery",
                        .key2 = row,
                        .revision = ++revisions_,
                        .after = absl::StrCat("{\"units\":", minute, "}"),
                        .partner_id = "acme"});
    }
    return events;
  }
  void Commit(int minute, const std::vector<std::string>& rows) {
    ASSERT_THAT(InsertEvents(db(), EventsAt(minute, rows)), IsOk());
  }

  absl::StatusOr<Sequenced> Sequence(int limit = 1000, WrittenEvents* written = nullptr) {
    return InTransaction(db(), [&] { return SequenceEvents(db(), limit, written); });
  }

  // "row" of each event, in the order of the history; "|" after a transaction.
  std::vector<std::string> History() {
    std::vector<std::string> rows;
    const auto events = LoadBySequence(db(), {.limit = 100'000});
    EXPECT_THAT(events, IsOk());
    int64_t expected = 1;
    for (const model::Event& event : *events) {
      EXPECT_EQ(event.sequence, expected++);
      rows.push_back(absl::StrCat(event.key2, event.sequence == event.transaction_end ? "|" : ""));
    }
    return rows;
  }

  void Tamper(const std::string& sql) { ASSERT_THAT(db().Update(sql, {}), IsOk()); }

  // Ten events, and what their verification says.
  void MakeHistory() {
    for (int i = 0; i < 10; ++i) Commit(i, {absl::StrCat("l", i)});
    ASSERT_THAT(Sequence(), IsOk());
    ASSERT_EQ(Verify(), "");
  }
  std::string Verify(const std::vector<KnownHead>& known = {}) {
    const absl::StatusOr<ChainReport> report = VerifyChain(db(), known);
    if (!report.ok()) return report.status().ToString();
    return report->broken == 0 ? "" : absl::StrCat(report->broken, ": ", report->why);
  }

  testing::TestDatabase database_;
  absl::StatusOr<std::unique_ptr<Connection>> connection_ = Connection::Open(database_.options());
  absl::StatusOr<std::unique_ptr<Connection>> other_ = Connection::Open(database_.options());
  int revisions_ = 0;
};

TEST_F(EventSequenceTest, TransactionsGetTheirPlacesInOrderOfTheirIds) {
  Commit(1, {"a", "b"});
  Commit(2, {"c"});
  EXPECT_THAT(AnyWithoutSequence(db()), IsOkAndHolds(true));
  ASSERT_THAT(Sequence(), IsOk());
  EXPECT_THAT(AnyWithoutSequence(db()), IsOkAndHolds(false));
  EXPECT_THAT(History(), ElementsAre("a", "b|", "c|"));
  EXPECT_EQ(LoadHistoryHead(db())->sequence, 3);
}

TEST_F(EventSequenceTest, AnIdThatIsCommittedLateGetsALaterPlaceAndIsNotMissed) {
  ASSERT_THAT(other().Execute("BEGIN"), IsOk());
  ASSERT_THAT(InsertEvents(other(), EventsAt(1, {"late", "late too"})), IsOk());  // takes smaller ids
  Commit(2, {"early"});
  ASSERT_THAT(Sequence(), IsOk());
  EXPECT_THAT(History(), ElementsAre("early|"));
  for (int i = 3; i < 6; ++i) Commit(i, {absl::StrCat("l", i)});
  ASSERT_THAT(Sequence(), IsOk());
  ASSERT_THAT(other().Execute("COMMIT"), IsOk());
  ASSERT_THAT(Sequence(), IsOk());
  EXPECT_THAT(History(), ElementsAre("early|", "l3|", "l4|", "l5|", "late", "late too|"));
  EXPECT_EQ(Verify(), "");
}

TEST_F(EventSequenceTest, WhatWasRolledBackLeavesNoGap) {
  ASSERT_THAT(other().Execute("BEGIN"), IsOk());
  ASSERT_THAT(InsertEvents(other(), EventsAt(1, {"never"})), IsOk());
  Commit(2, {"a"});
  ASSERT_THAT(other().Execute("ROLLBACK"), IsOk());
  Commit(3, {"b"});
  ASSERT_THAT(Sequence(), IsOk());
  EXPECT_THAT(History(), ElementsAre("a|", "b|"));
}

TEST_F(EventSequenceTest, ATransactionWhoseIdsAreMixedWithAnothersStaysTogether) {
  ASSERT_THAT(other().Execute("BEGIN"), IsOk());
  ASSERT_THAT(InsertEvents(other(), EventsAt(1, {"a1"})), IsOk());
  Commit(2, {"b1"});
  ASSERT_THAT(InsertEvents(other(), EventsAt(1, {"a2"})), IsOk());
  ASSERT_THAT(other().Execute("COMMIT"), IsOk());
  Commit(3, {"c1"});
  ASSERT_THAT(Sequence(), IsOk());
  EXPECT_THAT(History(), ElementsAre("a1", "a2|", "b1|", "c1|"));
}

TEST_F(EventSequenceTest, ALimitCutsBetweenTransactions) {
  Commit(1, {"a", "b", "c", "d", "e", "f", "g"});
  Commit(2, {"h"});
  auto result = Sequence(2);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->events, 7);
  EXPECT_TRUE(result->more);
  ASSERT_THAT(Sequence(2), IsOk());
  EXPECT_THAT(History(), ElementsAre("a", "b", "c", "d", "e", "f", "g|", "h|"));
}

TEST_F(EventSequenceTest, IdsInAnyStepsGetTheirPlaces) {
  // As on a cluster of three nodes; then one by one, with gaps, beyond what one statement does.
  std::vector<std::string> expected;
  for (int minute = 0; minute < 40; ++minute) {
    const char* const step = minute < 20 ? "SET auto_increment_increment = 3" : "SET auto_increment_increment = 1";
    ASSERT_THAT(db().Execute(step), IsOk());
    std::vector<std::string> rows;
    for (int i = 0; i <= minute; ++i) rows.push_back(absl::StrCat("m", minute, "-", i));
    Commit(minute, rows);
    rows.back() += "|";
    expected.insert(expected.end(), rows.begin(), rows.end());
    if (minute % 7 != 0) continue;
    ASSERT_THAT(db().Execute("BEGIN"), IsOk());
    ASSERT_THAT(InsertEvents(db(), EventsAt(99, {"never", "never either"})), IsOk());
    ASSERT_THAT(db().Execute("ROLLBACK"), IsOk());
  }
  ASSERT_THAT(Sequence(), IsOk());
  EXPECT_EQ(History(), expected);
  EXPECT_EQ(Verify(), "");
}

TEST_F(EventSequenceTest, NothingOfAnotherTransactionIsTouchedBetweenTheIdsOfARun) {
  ASSERT_THAT(db().Execute("SET auto_increment_increment = 2"), IsOk());
  ASSERT_THAT(other().Execute("SET auto_increment_increment = 2"), IsOk());
  ASSERT_THAT(other().Execute("SET auto_increment_offset = 2"), IsOk());
  Commit(1, {"a"});
  ASSERT_THAT(other().Execute("BEGIN"), IsOk());
  ASSERT_THAT(InsertEvents(other(), EventsAt(2, {"late"})), IsOk());
  Commit(3, {"b"});
  Commit(4, {"c"});
  ASSERT_THAT(Sequence(), IsOk());  // does not wait for the lock of `late` either
  EXPECT_THAT(History(), ElementsAre("a|", "b|", "c|"));
  ASSERT_THAT(other().Execute("COMMIT"), IsOk());
  ASSERT_THAT(Sequence(), IsOk());
  EXPECT_THAT(History(), ElementsAre("a|", "b|", "c|", "late|"));
  EXPECT_EQ(Verify(), "");
}

TEST_F(EventSequenceTest, WhatWasWrittenHereIsNotReadAgain) {
  const std::vector<model::Event> first = EventsAt(1, {"a", "b"}), second = EventsAt(2, {"c", "d"});
  for (const auto& events : {first, second}) ASSERT_THAT(InsertEvents(db(), events), IsOk());
  WrittenEvents written = {{first.front().event_time, first}, {second.front().event_time, second}};
  written.begin()->second[1].after = "{}";  // only to see that it is taken from there
  ASSERT_THAT(Sequence(1000, &written), IsOk());
  EXPECT_THAT(written, IsEmpty());
  EXPECT_THAT(Verify(), HasSubstr("2: event 2 is not what was recorded"));
  Tamper("UPDATE events SET after_image = '{}' WHERE sequence = 2");
  EXPECT_EQ(Verify(), "");
}

TEST_F(EventSequenceTest, WhatWasWrittenHereIsReadIfAnotherWroteAtTheSameInstant) {
  const std::vector<model::Event> ours = EventsAt(1, {"a"});
  ASSERT_THAT(InsertEvents(db(), ours), IsOk());
  Commit(1, {"b"});
  WrittenEvents written = {{ours.front().event_time, ours}};
  ASSERT_THAT(Sequence(1000, &written), IsOk());
  EXPECT_THAT(History(), ElementsAre("a", "b|"));
  EXPECT_EQ(Verify(), "");
}

TEST_F(EventSequenceTest, AHistoryOfBeforeGetsItsPlacesAndItsPartnersInParts) {
  for (int i = 0; i < 9; ++i) Commit(i, {absl::StrCat("l", i)});
  Tamper("UPDATE events SET partner_id = NULL, row_table = 'license_pools' WHERE event_id <= 5");
  Tamper("INSERT INTO events_archive SELECT * FROM events WHERE event_id <= 3");
  Tamper("DELETE FROM events WHERE event_id <= 3");
  for (int parts = 0; *AnyWithoutSequence(db()); ++parts) {
    ASSERT_LT(parts, 10);
    ASSERT_THAT(Sequence(2), IsOk());
  }
  EXPECT_THAT(History(), ElementsAre("l0|", "l1|", "l2|", "l3|", "l4|", "l5|", "l6|", "l7|", "l8|"));
  const auto of_bakery = LoadBySequence(db(), {.partner_id = "bakery", .limit = 10});
  ASSERT_THAT(of_bakery, IsOk());
  EXPECT_EQ(of_bakery->size(), 5U);
  EXPECT_EQ(Verify(), "");
}

TEST_F(EventSequenceTest, ThePlacesOfATimeAreFoundInAHandfulOfLooks) {
  for (int i = 0; i < 300; ++i) Commit(i, {absl::StrCat("l", i)});
  ASSERT_THAT(Sequence(), IsOk());
  const HistoryHead head = *LoadHistoryHead(db());
  for (int minute : {0, 4, 5, 100, 299, 1000}) {
    const int64_t before = *SequenceBefore(db(), kStart + absl::Minutes(minute), head);
    EXPECT_EQ(before, std::min(300, std::max(0, minute - 5))) << minute;  // minute n has the sequence n + 1
  }
}

TEST_F(EventSequenceTest, AFlippedByteIsFound) {
  for (const char* change :
       {"after_image = CONCAT(after_image, ' ')", "actor = 'bob'", "event_time = event_time + INTERVAL 1 SECOND",
        "kind = 'LICENSE_ENDED'", "partner_id = 'rival'", "key2 = 'x'", "before_image = ''",
        "effective_date = '2026-01-01'", "reason = 'x'", "request_id = 'x'", "transaction_end = 99",
        "chain_hash = REPEAT('x', 32)"}) {
    testing::TestDatabase fresh;
    auto connection = Connection::Open(fresh.options());
    std::swap(connection_, connection);
    MakeHistory();
    Tamper(absl::StrCat("UPDATE events SET ", change, " WHERE sequence = 4"));
    EXPECT_THAT(Verify(), HasSubstr("4: event 4 is not what was recorded")) << change;
    std::swap(connection_, connection);
  }
}

TEST_F(EventSequenceTest, ADeletedRowIsFound) {
  MakeHistory();
  Tamper("DELETE FROM events WHERE sequence = 6");
  EXPECT_EQ(Verify(), "6: event 6 is missing");
  Tamper("DELETE FROM events WHERE sequence > 5");
  EXPECT_EQ(Verify(), "6: event 6 is missing");  // the end, too
}

TEST_F(EventSequenceTest, ASwappedPairIsFound) {
  MakeHistory();
  Tamper("UPDATE events SET sequence = IF(sequence = 3, 7, 3) WHERE sequence IN (3, 7)");
  EXPECT_THAT(Verify(), HasSubstr("3: event 3 is not what was recorded"));
}

TEST_F(EventSequenceTest, ARewrittenTailIsFoundByAHeadThatWasKept) {
  MakeHistory();
  const HistoryHead head = *LoadHistoryHead(db());
  const auto kept = ParseKnownHead(absl::StrCat(head.sequence, "-", absl::BytesToHexString(head.chain_hash)));
  ASSERT_THAT(kept, IsOk());
  EXPECT_EQ(Verify({*kept}), "");
  // As one who knows all of this would do it: the hashes anew, and the head.
  Tamper("UPDATE events SET after_image = '{\"units\":1000000}' WHERE sequence = 8");
  std::string hash = LoadBySequence(db(), {.after = 6, .limit = 1})->front().chain_hash;
  const auto tail = LoadBySequence(db(), {.after = 7, .limit = 10});
  for (const model::Event& event : *tail) {
    hash = ChainHash(hash, LeafHash(RecordOf(event)));
    ASSERT_THAT(db().Update("UPDATE events SET chain_hash = ? WHERE sequence = ?", {hash, event.sequence}), IsOk());
  }
  ASSERT_THAT(db().Update("UPDATE history_head SET chain_hash = ?", {hash}), IsOk());
  EXPECT_THAT(Verify(), HasSubstr("the tree of hashes is not that of the events"));
  MerkleFrontier tree;
  const auto all = LoadBySequence(db(), {.limit = 100});
  for (const model::Event& event : *all) tree.Append(LeafHash(RecordOf(event)));
  ASSERT_THAT(db().Update("UPDATE history_head SET tree = UNHEX(?)", {absl::BytesToHexString(tree.Bytes())}), IsOk());
  EXPECT_EQ(Verify(), "");
  EXPECT_THAT(Verify({*kept}), HasSubstr("10: the history up to event 10 is another than that of the head"));
  Tamper("DELETE FROM events WHERE sequence > 8");
  EXPECT_THAT(Verify({*kept}), HasSubstr("9: event 9 is missing"));
}

TEST_F(EventSequenceTest, AHeadIsReadInOneFormOnly) {
  for (const char* wrong : {"", "7", "7-", "x-0123456789abcdef", "0-0123456789abcdef", "7-0123456789abcde",
                            "7-0123456789abcdeg", "7-0123456789abcdef-"}) {
    EXPECT_FALSE(ParseKnownHead(wrong).ok()) << wrong;
  }
  EXPECT_THAT(ParseKnownHead("7-0123456789abcdef"), IsOk());
}

TEST_F(EventSequenceTest, ArchivedEventsKeepTheirPlaces) {
  MakeHistory();
  ASSERT_THAT(db().Execute("BEGIN"), IsOk());
  ASSERT_THAT(ArchiveEvents(db(), kStart + absl::Minutes(6), 100), IsOk());
  ASSERT_THAT(db().Execute("COMMIT"), IsOk());
  EXPECT_EQ(Verify(), "");
  EXPECT_EQ(History().size(), 10U);
  const auto newest = LoadBySequence(db(), {.newest_first = true, .limit = 10});
  ASSERT_THAT(newest, IsOk());
  EXPECT_EQ(newest->front().sequence, 10);
  EXPECT_EQ(newest->back().sequence, 1);
}

}  // namespace
}  // namespace lmp::storage

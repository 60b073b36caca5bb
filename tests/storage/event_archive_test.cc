// Old events move to the archive, and no reader and no writer notices.
#include "storage/event_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "storage/events.h"
#include "storage/history.h"
#include "storage/mysql/database.h"
#include "storage/rows/columns.h"
#include "tests/storage/in_transaction.h"
#include "tests/storage/interrupted_connection.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::SizeIs;

const absl::Time kStart = absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone());

absl::Time At(int hour) { return kStart + absl::Hours(hour); }
model::Date DayAt(int hour) { return absl::ToCivilDay(At(hour), absl::UTCTimeZone()); }

model::Event EventOf(const model::License& license, int hour) {
  return {.event_time = At(hour),
          .actor = "anna",
          .kind = "SUBSCRIPTION_UPDATED",
          .row_table = "licenses",
          .key1 = license.customer_id,
          .key2 = license.license_id,
          .revision = license.stamp.revision,
          .after = ImageOf(license)};
}

class EventArchiveTest : public ::testing::Test {
 protected:
  // Events of some customers' licenses as chance has it, one an hour; some that time made, and was late with.
  void AddHistory(int count) {
    std::vector<model::Event> events;
    for (int hour = 0; hour < count; ++hour) {
      const std::string customer = absl::StrCat("c", random_() % 3), id = absl::StrCat("l", random_() % 3);
      model::License& license = rows_[{customer, id}];
      model::Event event = EventOf(license, hour);
      if (license.stamp.revision > 0) event.before = event.after;
      license.customer_id = customer;
      license.license_id = id;
      license.units = hour;
      event.key1 = customer;
      event.key2 = id;
      event.revision = license.stamp.revision = license.stamp.revision + 1;
      event.after = ImageOf(license);
      if (random_() % 4 == 0) event.effective_date = DayAt(hour - static_cast<int>(random_() % 40));
      if (random_() % 5 == 0) event.kind = "USAGE_REPORTED";
      if (event.revision == 1) event.kind = "SERVICE_PLAN_ASSIGNED";
      events.push_back(std::move(event));
    }
    ASSERT_THAT(InsertEvents(*connection_, events), IsOk());
  }

  // In one transaction.
  absl::StatusOr<int64_t> Archive(absl::Time before, int limit) { return Archive(*connection_, before, limit); }
  static absl::StatusOr<int64_t> Archive(Connection& connection, absl::Time before, int limit) {
    return InTransaction(connection, [&] { return ArchiveEvents(connection, before, limit); });
  }

  std::vector<std::string> Texts(const std::string& sql) {
    std::vector<std::string> texts;
    const auto rows = connection_->Query(sql, {});
    EXPECT_THAT(rows, IsOk());
    while (rows.ok() && (*rows)->Next()) texts.push_back((*rows)->String(0));
    return texts;
  }
  std::string Ids(const char* table) {
    return absl::StrJoin(Texts(absl::StrCat("SELECT event_id FROM ", table, " ORDER BY 1")), " ");
  }

  static std::string Told(const std::vector<model::Event>& events) {
    return absl::StrJoin(events, "\n", [](std::string* out, const model::Event& e) {
      absl::StrAppend(out, e.event_id, " ", FormatDateTime(e.event_time), " ", e.kind, " ", e.key1, "/", e.key2, " ",
                      e.revision, " ", e.effective_date.has_value() ? FormatDate(*e.effective_date) : "-", " ",
                      e.before.value_or("none"), " → ", e.after);
    });
  }
  // All pages; `between` runs before each but the first.
  static std::string Pages(
      Connection& connection, const EventScope& scope, EventOrder order, int limit,
      const std::function<void()>& between = [] {}) {
    std::vector<model::Event> seen;
    for (int64_t after = 0;;) {
      const auto page = ListEvents(connection, scope, order, after, limit);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return "";
      seen.insert(seen.end(), page->events.begin(), page->events.end());
      if (!page->more) return Told(seen);
      EXPECT_THAT(page->events, SizeIs(limit));
      after = seen.back().event_id;
      between();
    }
  }
  // Every read of history.h, with arguments from all over the history.
  std::vector<std::string> Answers(Connection& connection, int hours) {
    std::vector<std::string> answers;
    for (int id = 0; id <= hours + 1; ++id) {
      const auto event = LoadEvent(connection, id);
      EXPECT_THAT(event, IsOk());
      answers.push_back(absl::StrCat("event ", id, "\n", event.ok() && event->has_value() ? Told({**event}) : "none"));
    }
    for (const EventScope& scope :
         {EventScope{"", "c1", ""}, EventScope{"licenses", "c1", "l2"}, EventScope{"", "nobody", ""}}) {
      for (const EventOrder order : {EventOrder::kOldestFirst, EventOrder::kNewestFirst}) {
        for (const int limit : {1, 3, 7, 1000}) answers.push_back("pages\n" + Pages(connection, scope, order, limit));
      }
    }
    for (const auto& [key, license] : rows_) {
      const EventScope row{"licenses", key.first, key.second};
      for (const int before : {4, 1000}) {
        answers.push_back("row history\n" + Told(LoadRowHistory(connection, row, "USAGE_REPORTED", before, 5).value()));
      }
      for (int hour = -1; hour <= hours; hour += 5) {
        answers.push_back("image\n" + LoadImageAt(connection, row, At(hour)).value().value_or("none"));
        answers.push_back("row events\n" + Told(LoadRowEvents(connection, row, At(hour), At(hour + 17)).value()));
      }
    }
    for (const char* customer : {"c0", "c1", "c2"}) {
      for (int hour = -30; hour <= hours; hour += 3) {
        const int64_t first = FirstEventAfter(connection, customer, At(hour)).value();
        answers.push_back(absl::StrCat("first after ", hour, " of ", customer, ": ", first));
        answers.push_back("until\n" + Told(LoadEventsUntil(connection, customer, first, At(hour + 12), 1000).value()));
        model::World world;
        world.licenses = rows_;
        EXPECT_THAT(RewindCustomer(connection, customer, first, world), IsOk());
        for (const auto& [key, license] : world.licenses) answers.back() += ImageOf(license);
      }
    }
    return answers;
  }

  std::mt19937 random_{7};
  model::Rows<model::License> rows_;
  testing::TestDatabase schema_;
  std::unique_ptr<Connection> connection_ = schema_.Connect();
};

TEST_F(EventArchiveTest, TheTablesAreAlike) {
  for (const char* what :
       {"CONCAT_WS(' ', column_name, column_type, is_nullable, COALESCE(collation_name, '')) FROM "
        "information_schema.columns WHERE table_name = '%' AND table_schema = DATABASE() ORDER BY ordinal_position",
        "CONCAT_WS(' ', index_name, non_unique, column_name) FROM information_schema.statistics WHERE "
        "table_name = '%' AND table_schema = DATABASE() ORDER BY index_name, seq_in_index"}) {
    const auto of = [&](const char* table) {
      return Texts(absl::StrReplaceAll(absl::StrCat("SELECT ", what), {{"%", table}}));
    };
    EXPECT_GT(of(kEvents).size(), 5U);
    EXPECT_EQ(of(kEventArchive), of(kEvents));
  }
}

TEST_F(EventArchiveTest, MovesTheOldestInOrderAndNeverTheNewest) {
  AddHistory(10);
  EXPECT_THAT(Archive(At(0), 3), IsOkAndHolds(0));
  EXPECT_THAT(Archive(At(8), 3), IsOkAndHolds(3));
  EXPECT_EQ(Ids(kEventArchive), "1 2 3");
  EXPECT_EQ(Ids(kEvents), "4 5 6 7 8 9 10");
  EXPECT_THAT(Archive(At(5), 3), IsOkAndHolds(2));  // those of hours 3 and 4
  // One that is not old enough keeps those behind it from going before it.
  ASSERT_THAT(connection_->Update("UPDATE events SET event_time = ? WHERE event_id = 7", {FormatDateTime(At(500))}),
              IsOk());
  EXPECT_THAT(Archive(At(100), 3), IsOkAndHolds(1));
  EXPECT_THAT(Archive(At(100), 3), IsOkAndHolds(0));
  EXPECT_THAT(Archive(At(1000), 3), IsOkAndHolds(3));
  EXPECT_THAT(Archive(At(1000), 3), IsOkAndHolds(0));
  EXPECT_EQ(Ids(kEventArchive), "1 2 3 4 5 6 7 8 9");
  EXPECT_EQ(Ids(kEvents), "10");
}

TEST_F(EventArchiveTest, EveryReadAnswersTheSameWhereverTheArchiveEnds) {
  constexpr int kEventCount = 60;
  AddHistory(kEventCount);
  const std::vector<std::string> before = Answers(*connection_, kEventCount);
  int moved = 0;
  for (const int count : {1, 1, 7, 1, 13, 1, 1, 17, 10, 1, 6}) {
    EXPECT_THAT(Archive(absl::InfiniteFuture(), count), IsOkAndHolds(count));
    moved += count;
    const std::vector<std::string> after = Answers(*connection_, kEventCount);
    ASSERT_EQ(after.size(), before.size());
    for (size_t i = 0; i < before.size(); ++i) ASSERT_EQ(after[i], before[i]) << moved << " events are in the archive";
  }
  EXPECT_EQ(moved, kEventCount - 1);
}

TEST_F(EventArchiveTest, WhatTheNewerTableHasIsNotLookedForInTheArchive) {
  AddHistory(60);
  ASSERT_THAT(connection_->Execute("RENAME TABLE events_archive TO elsewhere"), IsOk());
  const EventScope row{"licenses", "c1", "l2"};
  EXPECT_THAT(LoadEvent(*connection_, 30), IsOk());
  EXPECT_THAT(ListEvents(*connection_, {"", "c1", ""}, EventOrder::kNewestFirst, 0, 5), IsOk());
  EXPECT_THAT(ListEvents(*connection_, row, EventOrder::kNewestFirst, 0, 2), IsOk());
  EXPECT_THAT(LoadRowHistory(*connection_, row, "USAGE_REPORTED", 1000, 2), IsOk());
  EXPECT_THAT(LoadImageAt(*connection_, row, At(50)), IsOk());
  const auto first = FirstEventAfter(*connection_, "c1", At(30));
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(LoadEventsUntil(*connection_, "c1", *first, At(100), 1000), IsOk());
  model::World world;
  EXPECT_THAT(RewindCustomer(*connection_, "c1", *first, world), IsOk());
  // What it lacks is.
  EXPECT_FALSE(LoadEvent(*connection_, 1000).ok());
  EXPECT_FALSE(FirstEventAfter(*connection_, "c1", At(-1)).ok());
  EXPECT_FALSE(LoadImageAt(*connection_, row, At(-1)).ok());
}

TEST_F(EventArchiveTest, PagesGoOnWhateverMovesBetweenThem) {
  for (const EventOrder order : {EventOrder::kOldestFirst, EventOrder::kNewestFirst}) {
    for (const EventScope& scope : {EventScope{"", "c1", ""}, EventScope{"licenses", "c1", "l2"}}) {
      for (const int limit : {1, 2, 5}) {
        ASSERT_THAT(connection_->Execute("DELETE FROM events"), IsOk());
        ASSERT_THAT(connection_->Execute("DELETE FROM events_archive"), IsOk());
        rows_.clear();
        AddHistory(60);
        const std::string all = Pages(*connection_, scope, order, 1000);
        EXPECT_EQ(
            Pages(*connection_, scope, order, limit,
                  [&] { EXPECT_THAT(Archive(absl::InfiniteFuture(), 1 + static_cast<int>(random_() % 9)), IsOk()); }),
            all);
        EXPECT_FALSE(Texts("SELECT event_id FROM events_archive").empty());
      }
    }
  }
}

TEST_F(EventArchiveTest, NoPageSortsOrReadsMoreThanItself) {
  AddHistory(3000);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Archive(absl::InfiniteFuture(), 500), IsOkAndHolds(500));
  ASSERT_THAT(connection_->Execute("ANALYZE TABLE events, events_archive"), IsOk());
  const auto status = [&](const char* which) {
    const auto rows = connection_->Query(absl::StrCat("SHOW SESSION STATUS LIKE '", which, "'"), {});
    int64_t sum = 0;
    while ((*rows)->Next()) sum += std::stoll((*rows)->String(1));
    return sum;
  };
  for (const EventScope& scope : {EventScope{"", "c1", ""}, EventScope{"licenses", "c1", "l2"}}) {
    for (const EventOrder order : {EventOrder::kOldestFirst, EventOrder::kNewestFirst}) {
      const int64_t after = ListEvents(*connection_, scope, order, 0, 100)->events.back().event_id;
      const int64_t sorted = status("Sort_%"), read = status("Handler_read%");
      ASSERT_THAT(ListEvents(*connection_, scope, order, after, 10), IsOk());
      EXPECT_EQ(status("Sort_%"), sorted);
      EXPECT_LT(status("Handler_read%") - read, 100) << "for a page of ten";
    }
  }
}

TEST_F(EventArchiveTest, WhatIsInterruptedIsAsIfItHadNeverBegun) {
  AddHistory(10);
  EXPECT_THAT(Archive(absl::InfiniteFuture(), 2), IsOkAndHolds(2));
  for (const char* statement : {"INSERT", "DELETE", "COMMIT"}) {
    auto dying = schema_.Connect();
    ASSERT_THAT(dying->Execute("BEGIN"), IsOk());
    const auto id = dying->Query("SELECT CONNECTION_ID()", {});
    ASSERT_TRUE((*id)->Next());
    const auto kill = [&] { EXPECT_THAT(connection_->Execute(absl::StrCat("KILL ", (*id)->Int64(0))), IsOk()); };
    Interrupted interrupted(*dying, statement, kill);
    EXPECT_EQ(ArchiveEvents(interrupted, absl::InfiniteFuture(), 3).ok(), statement == absl::string_view("COMMIT"));
    if (!dying->broken()) kill();
    dying.reset();
    // It waits until what was killed is undone.
    EXPECT_THAT(Texts("SELECT event_id FROM events ORDER BY event_id FOR UPDATE"),
                ElementsAre("3", "4", "5", "6", "7", "8", "9", "10"));
    EXPECT_EQ(Ids(kEventArchive), "1 2") << statement;
  }
  EXPECT_THAT(Archive(absl::InfiniteFuture(), 100), IsOkAndHolds(7));
  EXPECT_EQ(Ids(kEventArchive), "1 2 3 4 5 6 7 8 9");
  EXPECT_EQ(Ids(kEvents), "10");
}

TEST_F(EventArchiveTest, AnEventWithAnIdFromBeforeIsNeverLost) {
  AddHistory(10);
  auto other = schema_.Connect();
  const auto insert = [&](int id) {
    return other->Update(
        "INSERT INTO events SELECT ?, event_time, actor, reason, request_id, kind, effective_date, row_table, 'late', "
        "?, "
        "revision, before_image, after_image, partner_id, 0, 0, '', NULL, 1, NULL FROM events WHERE event_id = 10",
        {int64_t{id}, absl::StrCat(id)});
  };
  for (const char* statement : {"INSERT", "DELETE"}) {
    Interrupted interrupted(*connection_, statement,
                            [&] { EXPECT_THAT(insert(*statement == 'I' ? -1 : -2), IsOkAndHolds(1)); });
    EXPECT_TRUE(absl::IsAborted(Archive(interrupted, absl::InfiniteFuture(), 5).status()));
    EXPECT_EQ(Ids(kEventArchive), "");
  }
  EXPECT_EQ(Ids(kEvents), "-2 -1 1 2 3 4 5 6 7 8 9 10");
  // One that is not committed yet is waited for.
  ASSERT_THAT(other->Execute("BEGIN"), IsOk());
  ASSERT_THAT(insert(-3), IsOkAndHolds(1));
  std::thread commit([&] {
    absl::SleepFor(absl::Milliseconds(200));
    EXPECT_THAT(other->Execute("COMMIT"), IsOk());
  });
  EXPECT_THAT(Archive(absl::InfiniteFuture(), 5), IsOkAndHolds(6));
  commit.join();
  EXPECT_EQ(Ids(kEventArchive), "-3 -2 -1 1 2 3");
}

TEST_F(EventArchiveTest, WritersWaitForNothing) {
  AddHistory(60);
  const std::vector<std::string> before = Answers(*connection_, 60);
  ASSERT_THAT(connection_->Execute("BEGIN"), IsOk());
  EXPECT_THAT(ArchiveEvents(*connection_, absl::InfiniteFuture(), 59), IsOkAndHolds(59));
  auto other = schema_.Connect();
  EXPECT_EQ(Answers(*other, 60), before);
  ASSERT_THAT(other->Execute("SET SESSION innodb_lock_wait_timeout = 1"), IsOk());
  for (auto [key, license] : rows_) {  // the next revision of each row, and a row right beside it
    license.stamp.revision += 1;
    model::License neighbour = license;
    neighbour.license_id += "a";
    neighbour.stamp.revision = 1;
    ASSERT_THAT(InsertEvents(*other, {EventOf(license, 100), EventOf(neighbour, 100)}), IsOk());
  }
  ASSERT_THAT(connection_->Execute("COMMIT"), IsOk());
  EXPECT_THAT(Texts("SELECT event_id FROM events_archive"), SizeIs(59));
  EXPECT_THAT(Texts("SELECT event_id FROM events"), SizeIs(1 + 2 * rows_.size()));
}

TEST_F(EventArchiveTest, SeveralArchiveWhileOthersWriteAndRead) {
  constexpr int kWriters = 2, kArchivers = 3, kEach = 400;
  AddHistory(200);
  const std::string seen = Pages(*connection_, {"", "c1", ""}, EventOrder::kOldestFirst, 1000);
  std::atomic<int> writing = kWriters;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] {
      const auto connection = schema_.Connect();
      EXPECT_THAT(connection->Execute("SET SESSION innodb_lock_wait_timeout = 1"), IsOk());
      model::License license{.customer_id = absl::StrCat("writer", writer), .license_id = "l"};
      for (int i = 1; i <= kEach; ++i) {
        license.stamp.revision = i;
        EXPECT_THAT(InsertEvents(*connection, {EventOf(license, 0)}), IsOk());
      }
      --writing;
    });
  }
  std::atomic<int64_t> moved = 0;
  Database database(schema_.options(), kArchivers + 1);
  for (int archiver = 0; archiver < kArchivers; ++archiver) {
    threads.emplace_back([&, archiver] {
      do {
        int64_t count = 0;
        const absl::Status status =
            database.Transact(absl::Now() + absl::Seconds(30), [&](Connection& connection) -> absl::Status {
              ASSIGN_OR_RETURN(count, ArchiveEvents(connection, At(100), 10 + archiver));
              return absl::OkStatus();
            });
        // These events are "old" the moment they are stored: it may happen that one comes in among those that are
        // moved.
        if (status.ok())
          moved += count;
        else
          EXPECT_TRUE(absl::IsAborted(status)) << status;
      } while (writing > 0);
    });
  }
  threads.emplace_back([&] {
    do {
      EXPECT_THAT(
          database.Snapshot(
              absl::Now() + absl::Seconds(30),
              [&](Connection& connection) {
                for (const EventOrder order : {EventOrder::kOldestFirst, EventOrder::kNewestFirst}) {
                  std::vector<std::string> lines = absl::StrSplit(Pages(connection, {"", "c1", ""}, order, 20), '\n');
                  if (order == EventOrder::kNewestFirst) std::reverse(lines.begin(), lines.end());
                  EXPECT_EQ(absl::StrJoin(lines, "\n"), seen);
                }
                return absl::OkStatus();
              }),
          IsOk());
    } while (writing > 0);
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(moved, 90);
  EXPECT_THAT(Texts("SELECT event_id FROM events_archive"), SizeIs(moved.load()));
  EXPECT_THAT(Texts("SELECT event_id FROM events"), SizeIs(200 + kWriters * kEach - moved.load()));
  EXPECT_THAT(Texts("SELECT a.event_id FROM events_archive a JOIN events e ON e.event_id <= a.event_id LIMIT 1"),
              SizeIs(0));
}

}  // namespace
}  // namespace lmp::storage

// The feed goes on as the history does, and notices if the database was set back: then there is another history behind
// a place, or none.
#include "server/engine/event_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/event_sequence.h"
#include "storage/events.h"
#include "storage/history_chain.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using testing::IsOk;

class EventFeedTest : public EngineTest {
 protected:
  EventFeedTest() {
    EXPECT_THAT(admin_->Execute("DELETE FROM events"), IsOk());  // of the demo catalog
    Write(3);
    feed_.Start();
    feed_.Join([] {});
    Await([this] { return feed_.era() == 1; });
  }

  // Events, each of a transaction of its own, with the next numbers; no two are ever the same.
  void Write(int count) {
    ASSERT_THAT(admin_->Execute("BEGIN"), IsOk());
    Append(count);
    ASSERT_THAT(admin_->Execute("COMMIT"), IsOk());
  }
  void Append(int count) {
    for (int i = 0; i < count; ++i) {
      ++written_;
      ASSERT_THAT(storage::InsertEvents(*admin_, {{.event_time = kNow + absl::Seconds(written_),
                                                   .actor = "anna",
                                                   .kind = "SUBSCRIPTION_UPDATED",
                                                   .row_table = "licenses",
                                                   .key1 = "bakery",
                                                   .key2 = absl::StrCat("l", written_),
                                                   .revision = 1,
                                                   .after = "{}",
                                                   .partner_id = "acme"}}),
                  IsOk());
    }
    ASSERT_THAT(storage::SequenceEvents(*admin_, 1000), IsOk());
  }

  void BackUp() { ASSERT_THAT(admin_->Execute("CREATE TABLE kept_head AS SELECT * FROM history_head"), IsOk()); }
  // What was backed up, and so many other events behind it: as another database shows it that takes over.
  void SetBack(int others) {
    for (const char* sql : {"BEGIN", "DELETE FROM events WHERE sequence > (SELECT sequence FROM kept_head)",
                            "DELETE FROM history_head", "INSERT INTO history_head SELECT * FROM kept_head"})
      ASSERT_THAT(admin_->Execute(sql), IsOk());
    Append(others);
    ASSERT_THAT(admin_->Execute("COMMIT"), IsOk());
  }

  void Await(const std::function<bool()>& condition) {
    const absl::Time until = absl::Now() + absl::Seconds(10);
    while (!condition()) {
      ASSERT_LT(absl::Now(), until);
      absl::SleepFor(absl::Milliseconds(2));
    }
  }
  void AwaitEnd(int64_t sequence, int64_t era) {
    Await([&] {
      return PlaceAfter(sequence - 1, era) != EventFeed::Place::kAtEnd &&
             PlaceAfter(sequence, era) == EventFeed::Place::kAtEnd;
    });
  }
  EventFeed::Place PlaceAfter(int64_t sequence, int64_t era) const { return feed_.After(sequence, era).place; }

  // Statements of all connections meanwhile.
  int64_t StatementsOf(absl::Duration time) {
    const int64_t before = ServerStatus("Questions");
    absl::SleepFor(time);
    return ServerStatus("Questions") - before;
  }

  int written_ = 0;
  std::string unreadable_ = "none";  // the license whose events can't be rendered
  EventFeed feed_{database_,
                  [this](storage::Connection&,
                         const std::vector<model::Event>& events) -> absl::StatusOr<std::vector<RenderedEvent>> {
                    for (const model::Event& event : events)
                      if (event.key2 == unreadable_) return absl::DataLossError("it can't be read");
                    return std::vector<RenderedEvent>(events.size());
                  }};
};

TEST_F(EventFeedTest, GoesOnWithTheHistory) {
  EXPECT_EQ(PlaceAfter(3, 1), EventFeed::Place::kAtEnd);
  Write(2);
  AwaitEnd(5, 1);
  const EventFeed::Look look = feed_.After(3, 1);
  ASSERT_EQ(look.place, EventFeed::Place::kHere);
  EXPECT_EQ(look.next->last(), 4);
  EXPECT_EQ(look.next->events.front().key2, "l4");
  EXPECT_EQ(PlaceAfter(2, 1), EventFeed::Place::kBehind) << "what was before the first look";
  EXPECT_EQ(feed_.era(), 1);
}

// With fewer events than before, with as many, with more: whoever has a place of before must ask the database about it.
TEST_F(EventFeedTest, BeginsAnewIfTheDatabaseWasSetBack) {
  BackUp();
  Write(2);
  AwaitEnd(5, 1);
  int64_t era = 1;
  for (const int others : {0, 2, 3, 9, 1}) {
    SetBack(others);
    Await([&] { return feed_.era() == era + 1; });
    EXPECT_EQ(PlaceAfter(5, era), EventFeed::Place::kBehind) << others;
    EXPECT_EQ(PlaceAfter(3, era), EventFeed::Place::kBehind) << "of another era, though it is still there";
    ++era;
    EXPECT_EQ(PlaceAfter(3 + others, era), EventFeed::Place::kAtEnd);
    Write(1);
    AwaitEnd(4 + others, era);
    const EventFeed::Look look = feed_.After(3 + others, era);
    ASSERT_EQ(look.place, EventFeed::Place::kHere) << others;
    EXPECT_EQ(look.next->events.front().key2, absl::StrCat("l", written_));
    Await([&] { return feed_.After(4 + others, era).complete_until != absl::InfinitePast(); });
  }
  EXPECT_EQ(feed_.era(), era);
}

// Who watches would get checkpoints for ever, and none of what follows.
TEST_F(EventFeedTest, LeavesWhatItCanNotReadToThoseWhoWatch) {
  unreadable_ = "l5";
  Write(3);
  Await([this] { return feed_.era() == 2; });
  EXPECT_EQ(PlaceAfter(3, 1), EventFeed::Place::kBehind) << "reads for itself, and is told what is wrong";
  EXPECT_EQ(PlaceAfter(6, 2), EventFeed::Place::kAtEnd);
  Write(1);
  AwaitEnd(7, 2);
  EXPECT_EQ(feed_.After(6, 2).next->events.front().key2, "l7") << "the feed goes on behind it";
}

TEST_F(EventFeedTest, DoesNotLookAgainAndAgainForWhatIsNotThere) {
  feed_.Moved(1000);  // so it was said of a history that is no more
  EXPECT_LT(StatementsOf(absl::Milliseconds(500)), 100);
  Write(1);
  AwaitEnd(4, 1);
}

TEST_F(EventFeedTest, TheHashOfAPlaceIsThatOfItsEventWhereverThatIs) {
  const std::string second = *storage::ChainHashAt(*admin_, 2);
  EXPECT_EQ(second.size(), storage::kHashBytes);
  EXPECT_NE(second, *storage::ChainHashAt(*admin_, 3));
  EXPECT_EQ(*storage::ChainHashAt(*admin_, 3), storage::LoadHistoryHead(*admin_)->chain_hash);
  ASSERT_THAT(admin_->Execute("INSERT INTO events_archive SELECT * FROM events WHERE sequence = 2"), IsOk());
  ASSERT_THAT(admin_->Execute("DELETE FROM events WHERE sequence = 2"), IsOk());
  EXPECT_EQ(*storage::ChainHashAt(*admin_, 2), second);
  ASSERT_THAT(admin_->Execute("UPDATE history_head SET base_sequence = 2, base_hash = (SELECT chain_hash FROM "
                              "events_archive WHERE sequence = 2)"),
              IsOk());
  ASSERT_THAT(admin_->Execute("DELETE FROM events_archive"), IsOk());
  EXPECT_EQ(*storage::ChainHashAt(*admin_, 2), second);
  EXPECT_EQ(*storage::ChainHashAt(*admin_, 4), storage::EmptyChain());
  EXPECT_EQ(*storage::ChainHashAt(*admin_, 0), storage::EmptyChain());
}

}  // namespace
}  // namespace lmp::engine

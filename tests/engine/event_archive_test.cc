// The worker that moves old events to the archive, and what `lmp-server check` makes of it.
#include "server/workers/event_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;

class EventArchiveTest : public EngineTest {
 protected:
  server::EventArchive archive_{database_, absl::Hours(24 * 30), [this] { return Now(); }};
};

TEST_F(EventArchiveTest, MovesWhatIsOldEnoughAndNothingElse) {
  AddCustomers(700);  // more than are moved at once
  const int64_t old = CountOf("events");
  SetNow(kNow + absl::Hours(24));
  EXPECT_THAT(Run(UpdateNote("customer-1", "a day later")), IsOk());
  SetNow(kNow + absl::Hours(24 * 30));
  EXPECT_THAT(archive_.RunOnce(), IsOkAndHolds(0));
  SetNow(Now() + absl::Seconds(1));
  EXPECT_THAT(archive_.RunOnce(), IsOkAndHolds(old));
  EXPECT_THAT(archive_.RunOnce(), IsOkAndHolds(0));
  EXPECT_EQ(CountOf("events_archive"), old);
  EXPECT_THAT(Texts("SELECT kind FROM events"), ElementsAre("CUSTOMER_UPDATED"));
  EXPECT_THAT(Violations(), IsEmpty());
  // The newest event stays, however old, so that the next one has an id of its own.
  SetNow(kNow + absl::Hours(24 * 365));
  EXPECT_THAT(archive_.RunOnce(), IsOkAndHolds(0));
  EXPECT_THAT(Run(UpdateNote("customer-2", "a year later")), IsOk());
  EXPECT_THAT(archive_.RunOnce(), IsOkAndHolds(1));
  EXPECT_EQ(Number("SELECT event_id FROM events"), old + 2);
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(EventArchiveTest, StopsInTheMiddleWhenItIsTold) {
  AddCustomers(700);
  SetNow(kNow + absl::Hours(24 * 31));
  archive_.Stop();
  EXPECT_THAT(archive_.RunOnce(), IsOkAndHolds(0));
  server::EventArchive another(database_, absl::Hours(24 * 30), [this] { return Now(); });
  another.Start(absl::Hours(1), [] { return true; });
  another.Stop();  // waits for the transaction under way
  const int64_t moved = CountOf("events_archive");
  EXPECT_EQ(moved % 200, 0) << moved;
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(EventArchiveTest, TheCheckFindsWhatIsMissingInItAndWhatIsInBoth) {
  AddCustomers(3);
  SetNow(kNow + absl::Hours(24 * 31));
  EXPECT_THAT(Run(UpdateNote("customer-2", "new")), IsOk());
  EXPECT_THAT(archive_.RunOnce(), IsOk());
  EXPECT_THAT(Violations(), IsEmpty());
  EXPECT_THAT(admin_->Execute("INSERT INTO events SELECT * FROM events_archive WHERE key1 = 'customer-1'"), IsOk());
  EXPECT_THAT(Violations(),
              ElementsAre(AllOf(HasSubstr("I3"), HasSubstr("events_archive")), HasSubstr("customers customer-1 ")));
  EXPECT_THAT(admin_->Execute("DELETE FROM events WHERE key1 = 'customer-1'"), IsOk());
  EXPECT_THAT(admin_->Execute("DELETE FROM events_archive WHERE key1 = 'customer-2'"), IsOk());
  EXPECT_THAT(Violations(), ElementsAre(AllOf(HasSubstr("I3"), HasSubstr("customers customer-2 "))));
}

}  // namespace
}  // namespace lmp::engine

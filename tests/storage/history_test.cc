// Pages of events, in both orders, along an index; and rows as they were.
#include "storage/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/events.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;

class HistoryTest : public ::testing::Test {
 protected:
  // Event number `revision` of a license, whose units are the revision, `hour` hours into 2026.
  static model::Event LicenseEvent(const std::string& customer, const std::string& id, int revision, int hour) {
    model::License before{.customer_id = customer, .license_id = id, .units = revision - 1};
    model::License after = before;
    after.units = after.stamp.revision = revision;
    model::Event event{.event_time = At(hour),
                       .actor = "anna",
                       .kind = "SUBSCRIPTION_UPDATED",
                       .row_table = "licenses",
                       .key1 = customer,
                       .key2 = id,
                       .revision = revision,
                       .after = ImageOf(after)};
    if (revision > 1) event.before = ImageOf(before);
    return event;
  }
  static model::Event TimeEvent(const std::string& customer, const std::string& id, int revision, int hour,
                                model::Date due) {
    model::Event event = LicenseEvent(customer, id, revision, hour);
    event.effective_date = due;
    return event;
  }
  static absl::Time At(int hour) { return absl::FromCivil(absl::CivilHour(2026, 1, 1) + hour, absl::UTCTimeZone()); }
  void Insert(const std::vector<model::Event>& events) { ASSERT_THAT(InsertEvents(*connection_, events), IsOk()); }

  // "l1 3": which license, and its revision. All pages of this size, from the first to the last.
  std::vector<std::string> Pages(const EventScope& scope, EventOrder order, int limit) {
    std::vector<std::string> seen;
    int64_t after = 0;
    for (;;) {
      const auto page = ListEvents(*connection_, scope, order, after, limit);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return seen;
      EXPECT_LE(page->events.size(), static_cast<size_t>(limit));
      for (const model::Event& event : page->events) seen.push_back(absl::StrCat(event.key2, " ", event.revision));
      if (!page->more) return seen;
      EXPECT_EQ(page->events.size(), static_cast<size_t>(limit));
      after = page->events.back().event_id;
    }
  }
  int64_t SessionStatus(const std::string& pattern) {
    const auto rows = connection_->Query(absl::StrCat("SHOW SESSION STATUS LIKE '", pattern, "'"), {});
    EXPECT_THAT(rows, IsOk());
    int64_t sum = 0;
    while (rows.ok() && (*rows)->Next()) sum += std::stoll((*rows)->String(1));
    return sum;
  }

  testing::TestDatabase schema_;
  std::unique_ptr<Connection> connection_ = schema_.Connect();
};

TEST_F(HistoryTest, AnEventIsReadAsItWasWritten) {
  model::Event written = TimeEvent("acme", "l1", 2, 5, model::Date(2026, 1, 1));
  written.reason = "the \"reason\"";
  written.request_id = "1d3c6bc6-1111-4222-8333-444455556666";
  Insert({LicenseEvent("acme", "l1", 1, 1), written});
  const auto page = ListEvents(*connection_, {"licenses", "acme", "l1"}, EventOrder::kNewestFirst, 0, 1);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->events.size(), 1U);
  EXPECT_TRUE(page->more);
  const auto read = LoadEvent(*connection_, page->events[0].event_id);
  ASSERT_THAT(read, IsOk());
  ASSERT_TRUE(read->has_value());
  for (const model::Event& event : {page->events[0], **read}) {
    EXPECT_EQ(event.event_time, written.event_time);
    EXPECT_EQ(event.actor, written.actor);
    EXPECT_EQ(event.reason, written.reason);
    EXPECT_EQ(event.request_id, written.request_id);
    EXPECT_EQ(event.kind, written.kind);
    EXPECT_EQ(event.effective_date, written.effective_date);
    EXPECT_EQ(event.row_table, written.row_table);
    EXPECT_EQ(event.key1, written.key1);
    EXPECT_EQ(event.key2, written.key2);
    EXPECT_EQ(event.revision, written.revision);
    EXPECT_EQ(event.before, written.before);
    EXPECT_EQ(event.after, written.after);
  }
  for (const int64_t nobody : {int64_t{-1}, int64_t{0}, int64_t{1'000'000}}) {
    const auto none = LoadEvent(*connection_, nobody);
    ASSERT_THAT(none, IsOk());
    EXPECT_FALSE(none->has_value()) << nobody;
  }
}

TEST_F(HistoryTest, PagesHaveEveryEventOnceInEitherOrderWhateverTheirSize) {
  std::vector<model::Event> events;
  std::vector<std::string> of_customer, of_l1;
  for (int revision = 1; revision <= 5; ++revision) {
    for (const char* id : {"l1", "l2"}) {
      events.push_back(LicenseEvent("acme", id, revision, revision));
      of_customer.push_back(absl::StrCat(id, " ", revision));
    }
    of_l1.push_back(absl::StrCat("l1 ", revision));
    events.push_back(LicenseEvent("acme2", "l1", revision, revision));
    // A partner, and its pool, of the same id as the customer.
    events.push_back(LicenseEvent("acme", "", revision, revision));
    events.back().row_table = "partners";
    events.push_back(LicenseEvent("acme", "l1", revision, revision));
    events.back().row_table = "license_pools";
  }
  Insert(events);
  for (const int limit : {1, 2, 3, 10, 11, 1000}) {
    EXPECT_THAT(Pages({"", "acme", ""}, EventOrder::kOldestFirst, limit), ElementsAreArray(of_customer));
    EXPECT_THAT(Pages({"licenses", "acme", "l1"}, EventOrder::kOldestFirst, limit), ElementsAreArray(of_l1));
  }
  std::reverse(of_customer.begin(), of_customer.end());
  std::reverse(of_l1.begin(), of_l1.end());
  for (const int limit : {1, 2, 3, 10, 11, 1000}) {
    EXPECT_THAT(Pages({"", "acme", ""}, EventOrder::kNewestFirst, limit), ElementsAreArray(of_customer));
    EXPECT_THAT(Pages({"licenses", "acme", "l1"}, EventOrder::kNewestFirst, limit), ElementsAreArray(of_l1));
  }
  EXPECT_THAT(Pages({"", "nobody", ""}, EventOrder::kOldestFirst, 10), IsEmpty());
}

TEST_F(HistoryTest, NoPageSortsOrReadsMoreThanItself) {
  std::vector<model::Event> events;
  for (int i = 1; i <= 2000; ++i) events.push_back(LicenseEvent("acme", absl::StrCat("l", i % 4), 1 + i / 4, i));
  Insert(events);
  ASSERT_THAT(connection_->Execute("ANALYZE TABLE events"), IsOk());
  for (const EventScope& scope : {EventScope{"", "acme", ""}, EventScope{"licenses", "acme", "l1"}}) {
    for (const EventOrder order : {EventOrder::kOldestFirst, EventOrder::kNewestFirst}) {
      const auto first = ListEvents(*connection_, scope, order, 0, 300);
      ASSERT_THAT(first, IsOk());
      const int64_t sorted = SessionStatus("Sort_%");
      const int64_t read = SessionStatus("Handler_read%");
      ASSERT_THAT(ListEvents(*connection_, scope, order, 0, 10), IsOk());
      ASSERT_THAT(ListEvents(*connection_, scope, order, first->events.back().event_id, 10), IsOk());
      EXPECT_EQ(SessionStatus("Sort_%"), sorted);
      EXPECT_LT(SessionStatus("Handler_read%") - read, 200) << "for two pages of ten";
    }
  }
}

TEST_F(HistoryTest, TheFirstEventAfterGoesByTheDayOnWhichItWasDue) {
  Insert({LicenseEvent("acme", "l1", 1, 1), TimeEvent("acme", "l1", 2, 24 * 9, model::Date(2026, 1, 3)),
          TimeEvent("acme", "l1", 3, 24 * 9, model::Date(2026, 1, 6)), LicenseEvent("acme", "l1", 4, 24 * 9),
          LicenseEvent("other", "l1", 1, 24 * 20)});
  const auto revision_after = [&](int hour) -> int {
    const auto id = FirstEventAfter(*connection_, "acme", At(hour));
    EXPECT_THAT(id, IsOk());
    if (!id.ok() || *id == 0) return 0;
    return LoadEvent(*connection_, *id)->value().revision;
  };
  EXPECT_EQ(revision_after(0), 1);
  EXPECT_EQ(revision_after(1), 2);
  EXPECT_EQ(revision_after(24 * 2 - 1), 2);  // still the 2nd of January
  EXPECT_EQ(revision_after(24 * 2), 3);      // the 3rd
  EXPECT_EQ(revision_after(24 * 4 + 23), 3);
  EXPECT_EQ(revision_after(24 * 5), 4);  // the 6th: both were due, though nobody had noticed
  EXPECT_EQ(revision_after(24 * 9 - 1), 4);
  EXPECT_EQ(revision_after(24 * 9), 0);
}

TEST_F(HistoryTest, NoEventCountsBeforeTheOneBeforeIt) {
  // Assigned on the 10th with a start in the past: it was due to renew on the 3rd, and noticed on the 12th.
  Insert({LicenseEvent("acme", "l0", 1, 1), LicenseEvent("acme", "l1", 1, 24 * 9),
          TimeEvent("acme", "l1", 2, 24 * 11, model::Date(2026, 1, 3))});
  const auto before = FirstEventAfter(*connection_, "acme", At(24 * 5));
  ASSERT_THAT(before, IsOk());
  EXPECT_EQ(LoadEvent(*connection_, *before)->value().revision, 1);
  EXPECT_THAT(FirstEventAfter(*connection_, "acme", At(24 * 9)), IsOkAndHolds(0));
}

TEST_F(HistoryTest, RewindingPutsBackWhatChangedAndTakesOutWhatIsNewer) {
  Insert({LicenseEvent("acme", "l1", 1, 1), LicenseEvent("acme", "l1", 2, 2), LicenseEvent("acme", "l2", 1, 3),
          LicenseEvent("acme", "l1", 3, 4), LicenseEvent("acme2", "l1", 1, 5)});
  const auto events = ListEvents(*connection_, {"", "acme", ""}, EventOrder::kOldestFirst, 0, 10);
  ASSERT_THAT(events, IsOk());
  const auto at = [&](size_t event) {
    model::World world;
    for (const auto& [id, units] : {std::pair("l1", 3), std::pair("l2", 1)}) {
      world.licenses[{"acme", id}] = {.customer_id = "acme", .license_id = id, .units = units};
    }
    EXPECT_THAT(RewindCustomer(*connection_, "acme", events->events[event].event_id, world), IsOk());
    std::vector<std::string> licenses;
    for (const auto& [key, license] : world.licenses) licenses.push_back(absl::StrCat(key.second, " ", license.units));
    return licenses;
  };
  EXPECT_THAT(at(0), IsEmpty());
  EXPECT_THAT(at(1), ElementsAre("l1 1"));
  EXPECT_THAT(at(2), ElementsAre("l1 2"));
  EXPECT_THAT(at(3), ElementsAre("l1 2", "l2 1"));
}

TEST_F(HistoryTest, RewindsOtherRowsOneByOne) {
  std::vector<model::Event> events;
  model::Rows<model::Product> now;
  for (const char* id : {"cas", "hes"}) {
    for (int revision = 1; revision <= 3; ++revision) {
      model::Product product{.product_id = id, .level = revision};
      product.stamp = {revision, At(*id == 'c' ? 1 : 10), At(revision * (*id == 'c' ? 1 : 10))};
      now[KeyOf(product)] = product;
      events.push_back({.event_time = product.stamp.update_time,
                        .kind = "PRODUCT_UPDATED",
                        .row_table = "products",
                        .key1 = id,
                        .revision = revision,
                        .after = ImageOf(product)});
    }
  }
  Insert(events);
  const auto at = [&](int hour) {
    model::Rows<model::Product> rows = now;
    EXPECT_THAT(RewindRows(*connection_, At(hour), rows), IsOk());
    std::vector<std::string> levels;
    for (const auto& [key, product] : rows) levels.push_back(absl::StrCat(key.first, " ", product.level));
    return levels;
  };
  EXPECT_THAT(at(0), IsEmpty());
  EXPECT_THAT(at(1), ElementsAre("cas 1"));
  EXPECT_THAT(at(10), ElementsAre("cas 3", "hes 1"));
  EXPECT_THAT(at(29), ElementsAre("cas 3", "hes 2"));
  EXPECT_THAT(at(30), ElementsAre("cas 3", "hes 3"));
  const auto between = LoadRowEvents(*connection_, {"products", "hes", ""}, At(10), At(30));
  ASSERT_THAT(between, IsOk());
  ASSERT_EQ(between->size(), 1U);
  EXPECT_EQ((*between)[0].revision, 2);
}

}  // namespace
}  // namespace lmp::storage

// Previews tell what will be stored, event by event, and their tokens hold for just that: also when days pass in
// between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "server/domain/subscription/verbs.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kMonthlyPlan[] = "cas-monthly";  // renews by itself; assigned on 15 March
constexpr absl::Duration kDay = absl::Hours(24);

class PreviewTokenTest : public EngineTest {
 protected:
  PreviewTokenTest() : customer_(AddCustomers(1)[0]) {
    EXPECT_THAT(Run(Assign(customer_, kMonthlyPlan, {{kService, 10}})), IsOk());
    subscription_ = absl::StrCat("customers/", customer_, "/subscriptions/",
                                 Texts("SELECT subscription_id FROM subscriptions").at(0));
    license_ = absl::StrCat("customers/", customer_, "/licenses/", Texts("SELECT license_id FROM licenses").at(0));
  }

  v1::UpdateSubscriptionRequest UnitsRequest(int units) {
    v1::UpdateSubscriptionRequest request;
    request.mutable_subscription()->set_name(subscription_);
    auto* entry = request.add_units();
    entry->set_product(absl::StrCat("products/", kService));
    entry->set_units(units);
    return request;
  }
  v1::UpdateSubscriptionRequest UntilRequest(int year, int month, int day) {
    v1::UpdateSubscriptionRequest request;
    request.mutable_subscription()->set_name(subscription_);
    request.mutable_subscription()->mutable_expiration_date()->set_year(year);
    request.mutable_subscription()->mutable_expiration_date()->set_month(month);
    request.mutable_subscription()->mutable_expiration_date()->set_day(day);
    request.mutable_update_mask()->add_paths("expiration_date");
    return request;
  }
  v1::UpdateSubscriptionRequest RenewalRequest(bool renews) {
    v1::UpdateSubscriptionRequest request;
    request.mutable_subscription()->set_name(subscription_);
    request.mutable_subscription()->set_auto_renewal(renews);
    request.mutable_update_mask()->add_paths("auto_renewal");
    return request;
  }

  Outcome Update(const v1::UpdateSubscriptionRequest& request) { return Run(request); }
  v1::SubscriptionChangeResponse Preview(v1::UpdateSubscriptionRequest request) {
    request.set_validate_only(true);
    return ResponseOf<v1::SubscriptionChangeResponse>(Update(request));
  }
  Outcome UpdateAsShown(v1::UpdateSubscriptionRequest request, const std::string& token) {
    request.set_preview_token(token);
    return Update(request);
  }

  // {"year":2026,"month":4,"day":15}
  static std::string Day(const std::string& json) {
    const nlohmann::json day = nlohmann::json::parse(json);
    return absl::StrCat(day["month"].get<int>(), "/", day["day"].get<int>());
  }
  // A line for each change: its event, the day it was due, and the expiration and units before and after.
  static std::vector<std::string> Told(const v1::SubscriptionChangeResponse& response) {
    std::vector<std::string> lines;
    for (const v1::Change& change : response.changes()) {
      std::string& line = lines.emplace_back(change.event_kind());
      if (change.has_effective_date()) {
        const auto& day = change.effective_date();
        absl::StrAppend(&line, " ", day.year(), "-", day.month(), "-", day.day());
      }
      for (const v1::FieldChange& field : change.fields()) {
        if (field.field() == "expiration_date")
          absl::StrAppend(&line, ", ", Day(field.before()), " to ", Day(field.after()));
        if (field.field() == "units") absl::StrAppend(&line, ", units ", field.before(), " to ", field.after());
      }
    }
    return lines;
  }

  const std::string customer_;
  std::string subscription_, license_;
};

TEST_F(PreviewTokenTest, WhatIsDueIsToldAsItsOwnEventsAndBeforeIsWhatAReaderSees) {
  SetNow(kNow + 70 * kDay);  // 24 May: two renewals that nobody has stored
  const auto preview = Preview(UnitsRequest(25));
  EXPECT_THAT(Told(preview),
              ElementsAre("SUBSCRIPTION_RENEWED 2026-4-15, 4/15 to 5/15",
                          "SUBSCRIPTION_RENEWED 2026-5-15, 5/15 to 6/15", "SUBSCRIPTION_UPDATED, units 10 to 25"));
  EXPECT_THAT(UpdateAsShown(UnitsRequest(25), preview.preview_token()), IsOk());
  EXPECT_THAT(Texts("SELECT CONCAT(kind, ' ', COALESCE(effective_date, '')) FROM events WHERE row_table = 'licenses' "
                    "ORDER BY event_id"),
              ElementsAre("SERVICE_PLAN_ASSIGNED ", "SUBSCRIPTION_RENEWED 2026-04-15",
                          "SUBSCRIPTION_RENEWED 2026-05-15", "SUBSCRIPTION_UPDATED "));
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(PreviewTokenTest, DaysThatPassAreNoDifferenceUntilSomethingIsDue) {
  const std::string token = Preview(UnitsRequest(25)).preview_token();
  SetNow(kNow + 3 * kDay);
  EXPECT_THAT(UpdateAsShown(UnitsRequest(25), token), IsOk());

  const std::string units = Preview(UnitsRequest(30)).preview_token();
  const std::string until = Preview(UntilRequest(2026, 12, 31)).preview_token();
  SetNow(kNow + 40 * kDay);  // renewed on 15 April: with or without a call
  EXPECT_EQ(Preview(UnitsRequest(30)).preview_token(), units);
  const Outcome refused = UpdateAsShown(UntilRequest(2026, 12, 31), until);
  EXPECT_EQ(ReasonOf(refused.status()), "PREVIEW_CHANGED");
  const auto changed = wire::PreviewChangedOf(refused.status());
  ASSERT_TRUE(changed.has_value());
  ASSERT_EQ(changed->changes_size(), 1);
  EXPECT_EQ(changed->changes(0).event_kind(), "SUBSCRIPTION_UPDATED");
  EXPECT_EQ(changed->changes(0).resource(), license_);
  EXPECT_THAT(Texts("SELECT expiration_date FROM licenses"), ElementsAre("2026-04-15"));  // nothing was stored at all
  // Somebody else stores the renewal: it was shown, but not as the call's doing.
  EXPECT_THAT(Run(UpdateNote(customer_, "hello")), IsOk());
  EXPECT_THAT(UpdateAsShown(UnitsRequest(30), units), IsOk());
}

TEST_F(PreviewTokenTest, OnlyAMarkThatMovesIsNoEventAndNoRevision) {
  const auto license = [this] { return Texts("SELECT CONCAT(revision, ' ', due_date) FROM licenses").at(0); };
  EXPECT_EQ(license(), "1 2026-04-15");
  const auto preview = Preview(RenewalRequest(false));
  ASSERT_EQ(preview.changes_size(), 1);
  EXPECT_EQ(preview.changes(0).resource(), subscription_);
  EXPECT_THAT(UpdateAsShown(RenewalRequest(false), preview.preview_token()), IsOk());
  EXPECT_EQ(license(), "1 2026-03-31") << "its notice will be told of now; nobody can see a difference yet";
  EXPECT_EQ(Number("SELECT COUNT(*) FROM events WHERE row_table = 'licenses'"), 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM events WHERE after_image LIKE '%due_date%'"), 0);
  EXPECT_THAT(Violations(), IsEmpty());
  // The mark was kept all the same: the license ends on its day although its row was not touched.
  SetNow(kNow + 62 * kDay);
  EXPECT_THAT(Run(UpdateNote(customer_, "hello")), IsOk());
  EXPECT_THAT(Texts("SELECT closed FROM licenses"), ElementsAre("1"));
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(PreviewTokenTest, OfManyWithOnePreviewOneSucceeds) {
  const std::string token = Preview(UnitsRequest(25)).preview_token();
  v1::UpdateSubscriptionRequest request = UnitsRequest(25);
  request.set_preview_token(token);
  std::vector<Mutation> mutations;
  for (int i = 0; i < 40; ++i) mutations.push_back(MutationOf(request));
  const std::vector<Outcome> outcomes = RunInParallel(*writes_, std::move(mutations));
  EXPECT_EQ(CountOk(outcomes), 1);
  EXPECT_EQ(CountRefused(outcomes, "PREVIEW_CHANGED"), 39);
}

}  // namespace
}  // namespace lmp::engine

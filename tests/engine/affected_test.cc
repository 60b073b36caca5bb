// What hangs on a partner, a product or a suite is counted as it is on the day, whether or not somebody noticed what
// time did: so a preview's token holds when a pass of the worker comes between it and the call.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::IsEmpty;
using testing::IsOk;

constexpr int kCustomers = 4;

class AffectedTest : public EngineTest {
 protected:
  // 410 days later, when nobody looked for 310 days. Of four customers one has a license that renewed, two had some
  // that ended, and one has a suite.
  AffectedTest() {
    AddCustomers(kCustomers);
    EXPECT_THAT(Run(Assign("customer-1", "cas-monthly", {{kService, 2}})), IsOk());
    EXPECT_THAT(Run(Assign("customer-2", "cas-quarterly", {{kService, 2}})), IsOk());
    AssignSuite("customer-3");
    GoTo(kToday + 100);
    AssignSuite("customer-4");
    GoTo(kToday + 410);
  }

  void GoTo(model::Date day) { SetNow(absl::FromCivil(absl::CivilSecond(day) + 12 * 3600, absl::UTCTimeZone())); }
  void AssignSuite(const std::string& customer) {
    EXPECT_THAT(Run(Assign(customer, "hybrid-annual",
                           {{kService, 5}, {"worry-free-business-security", 9}, {"endpoint-encryption", 5}})),
                IsOk());
  }
  // Time is stored with the first command that keeps something.
  void NoticeAll() {
    for (int i = 1; i <= kCustomers; ++i) EXPECT_THAT(Run(UpdateNote(absl::StrCat("customer-", i), "hello")), IsOk());
  }

  // "customers subscriptions licenses" as previewed; the same are shown once all was noticed, and the token holds.
  template <class Response, class Request>
  std::string Counted(Request request) {
    const auto unnoticed = ResponseOf<Response>(Run(request, Mode::kValidateOnly));
    EXPECT_EQ(Number("SELECT COUNT(*) FROM events WHERE actor = 'system'"), noticed_) << "a preview stores nothing";
    NoticeAll();
    const auto noticed = ResponseOf<Response>(Run(request, Mode::kValidateOnly));
    EXPECT_EQ(unnoticed.affected().DebugString(), noticed.affected().DebugString());
    request.set_preview_token(unnoticed.preview_token());
    EXPECT_THAT(Run(request), IsOk());
    EXPECT_THAT(Violations(), IsEmpty());
    const v1::Affected& counts = unnoticed.affected();
    return absl::StrCat(counts.customers(), " ", counts.subscriptions(), " ", counts.licenses());
  }

  int64_t noticed_ = 0;
};

TEST_F(AffectedTest, AllThatAPartnersCustomersStillHave) {
  v1::CancelPartnerRequest request;
  request.set_name(domain::PartnerName(kPartner));
  EXPECT_EQ(Counted<v1::Partner>(request), "4 2 4");
}

TEST_F(AffectedTest, WhatAProductsEndTookFromAPartnersCustomersIsNotCounted) {
  v1::EndProductLifeRequest end;
  end.set_name(domain::ProductName("endpoint-encryption"));
  SetDate(kToday + 420, end.mutable_end_date());
  EXPECT_THAT(Run(end), IsOk());
  noticed_ = Number("SELECT COUNT(*) FROM events WHERE actor = 'system'");
  GoTo(kToday + 420);
  v1::SuspendPartnerRequest request;
  request.set_name(domain::PartnerName(kPartner));
  EXPECT_EQ(Counted<v1::Partner>(request), "4 2 3");
}

TEST_F(AffectedTest, LicensesOfAProduct) {
  v1::EndProductLifeRequest request;
  request.set_name(domain::ProductName(kService));
  EXPECT_EQ(Counted<v1::Product>(request), "2 2 2");
}

TEST_F(AffectedTest, SubscriptionsOfASuite) {
  v1::ChangeSuiteComponentsRequest request;
  request.set_name(domain::ProductName("hybrid-suite"));
  request.add_remove_components(domain::ProductName("endpoint-encryption"));
  EXPECT_EQ(Counted<v1::Product>(request), "1 1 3");
}

}  // namespace
}  // namespace lmp::engine

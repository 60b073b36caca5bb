// What hangs on a partner, a product or a suite is counted as it is on the day, whether or not somebody noticed what time
// did: so a preview's token holds when a pass of the worker comes between it and the call.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/domain/catalogue_verbs.h"
#include "server/domain/partner_verbs.h"
#include "server/services/rpc_service.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kSuite[] = "hybrid-suite";
constexpr int kCustomers = 4;

class AffectedTest : public EngineTest {
 protected:
  // 410 days later, when nobody looked for 310 days. Of four customers one has a licence that renewed, two had some that
  // ended, and one has a suite.
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

  template <class Response, class Request, class Command, class Result>
  Outcome Call(const Request& request, const Command& command,
               absl::StatusOr<Result> (*decide)(model::World&, const Command&, const domain::Env&)) {
    Mutation mutation = MutationOf<Response>("Verb", "DONE", command, decide);
    mutation.validate_only = request.validate_only();
    mutation.fingerprint = wire::Fingerprint(request, {"request_id"});
    mutation.decide = server::DecideAndRender<Response>(command, decide, *wire::ParseAsked(request));
    return Run(std::move(mutation));
  }

  // "customers subscriptions licences" as previewed; the same are shown once all was noticed, and the token holds.
  template <class Response, class Request, class Command, class Result>
  std::string Counted(Request request, const Command& command,
                      absl::StatusOr<Result> (*decide)(model::World&, const Command&, const domain::Env&)) {
    request.set_validate_only(true);
    const auto unnoticed = ResponseOf<Response>(Call<Response>(request, command, decide));
    EXPECT_EQ(Number("SELECT COUNT(*) FROM events WHERE actor = 'system'"), noticed_) << "a preview stores nothing";
    NoticeAll();
    const auto noticed = ResponseOf<Response>(Call<Response>(request, command, decide));
    EXPECT_EQ(unnoticed.affected().DebugString(), noticed.affected().DebugString());
    request.set_validate_only(false);
    request.set_preview_token(unnoticed.preview_token());
    EXPECT_THAT(Call<Response>(request, command, decide), IsOk());
    EXPECT_THAT(Violations(), IsEmpty());
    const v1::Affected& counts = unnoticed.affected();
    return absl::StrCat(counts.customers(), " ", counts.subscriptions(), " ", counts.licenses());
  }

  int64_t noticed_ = 0;
};

TEST_F(AffectedTest, AllThatAPartnersCustomersStillHave) {
  domain::CancelPartnerCommand command;
  command.id = kPartner;
  EXPECT_EQ(Counted<v1::Partner>(v1::CancelPartnerRequest(), command, domain::CancelPartner), "4 2 4");
}

TEST_F(AffectedTest, WhatAProductsEndTookFromAPartnersCustomersIsNotCounted) {
  domain::EndProductLifeCommand end;
  end.id = "endpoint-encryption";
  end.end_date = kToday + 420;
  EXPECT_THAT(Run(MutationOf<v1::Product>("EndProductLife", "PRODUCT_LIFE_ENDED", end, domain::EndProductLife)),
              IsOk());
  noticed_ = Number("SELECT COUNT(*) FROM events WHERE actor = 'system'");
  GoTo(kToday + 420);
  domain::SuspendPartnerCommand command;
  command.id = kPartner;
  EXPECT_EQ(Counted<v1::Partner>(v1::SuspendPartnerRequest(), command, domain::SuspendPartner), "4 2 3");
}

TEST_F(AffectedTest, LicensesOfAProduct) {
  domain::EndProductLifeCommand command;
  command.id = kService;
  EXPECT_EQ(Counted<v1::Product>(v1::EndProductLifeRequest(), command, domain::EndProductLife), "2 2 2");
}

TEST_F(AffectedTest, SubscriptionsOfASuite) {
  domain::ChangeSuiteComponentsCommand command;
  command.id = kSuite;
  command.remove = {"endpoint-encryption"};
  EXPECT_EQ(Counted<v1::Product>(v1::ChangeSuiteComponentsRequest(), command, domain::ChangeSuiteComponents), "1 1 3");
}

}  // namespace
}  // namespace lmp::engine

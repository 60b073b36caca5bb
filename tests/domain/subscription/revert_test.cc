// What was changed can be set back, as long as it is as it was left; and nothing that the other verbs refuse.
#include "server/domain/subscription/revert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "server/domain/catalog/catalog_verbs.h"
#include "server/domain/event_kinds.h"
#include "server/domain/license/license_verbs.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/plan_assignment.h"
#include "server/domain/subscription/verbs.h"
#include "tests/domain/life.h"

namespace lmp::domain {
namespace {

using model::World;
using testing::HasSubstr;

constexpr char kStandard[] = "worry-free-services-standard";
constexpr char kMonthly[] = "wfs-standard-monthly";

class RevertTest : public testing::Test {
 protected:
  void Assign(const std::string& plan, const char* customer = Life::kCustomer) {
    AssignServicePlanCommand command{.customer_id = customer, .service_plan_id = plan};
    for (const std::string& id : Find(life.world.catalog->service_plans, plan)->components) command.units[id] = 10;
    ASSERT_EQ(life.Do(AssignServicePlan, command), absl::OkStatus());
  }
  template <class Command>
  Command About() {
    Command command;
    command.customer_id = Life::kCustomer;
    command.subscription_id = life.world.subscriptions.begin()->first.second;
    return command;
  }

  // What a command changes; nothing, if it is refused.
  model::ChangeSet Changed(const std::function<absl::Status()>& act) {
    const World before = life.world;
    last = act();
    return Diff(before, life.world);
  }
  template <class Command, class Verb>
  model::ChangeSet ChangedBy(Verb verb, const Command& command) {
    return Changed([&] { return life.Do(verb, command); });
  }
  model::ChangeSet Updated(const TermsChange& change, std::optional<Date> day = std::nullopt) {
    auto command = About<UpdateSubscriptionCommand>();
    command.change = change;
    command.effective_date = day;
    return ChangedBy(UpdateSubscription, command);
  }
  absl::Status Revert(const model::ChangeSet& changes) {
    return life.Do(RevertChange, RevertChangeCommand{.customer_id = Life::kCustomer, .etag = "", .changes = changes});
  }
  std::string ReasonOf(const model::ChangeSet& changes) { return RefusalOf(Revert(changes)).reason; }
  int Units() const { return life.world.licenses.begin()->second.units; }

  Life life;
  absl::Status last;
};

// What the customer has, without what only grows.
World Substance(World world) {
  const auto level = [](auto& rows) {
    for (auto& [key, row] : rows) row.stamp = {};
  };
  level(world.subscriptions);
  level(world.licenses);
  level(world.scheduled_changes);
  std::erase_if(world.scheduled_changes,
                [](const auto& row) { return row.second.state != model::ChangeState::kPending; });
  return world;
}

void ExpectSame(const World& one, const World& other) {
  EXPECT_TRUE(one.subscriptions == other.subscriptions);
  EXPECT_TRUE(one.licenses == other.licenses);
  EXPECT_TRUE(one.scheduled_changes == other.scheduled_changes);
}

// Some verb with some arguments; many are refused.
class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  int Of(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  TermsChange Terms() {
    TermsChange change;
    if (Of(2) == 0) change.units = {{Of(2) == 0 ? kStandard : "worry-free-services-advanced", 5 + Of(20)}};
    if (Of(3) == 0) change.auto_renewal = Of(2) == 0;
    if (Of(3) == 0) change.expiration_notice_days = Of(60);
    if (Of(3) == 0) change.expiration_date = Date(2026, 2, 10) + Of(200);
    return change;
  }

 private:
  std::mt19937 random_;
};

class RandomRevertTest : public RevertTest {
 protected:
  model::ChangeSet Something(Dice& dice) {
    switch (dice.Of(7)) {
      case 0:
        return Updated(dice.Terms());
      case 1:
        return Updated(dice.Terms(), life.today + 1 + dice.Of(40));
      case 2:
        return ChangedBy(RenewSubscription, About<RenewSubscriptionCommand>());
      case 3:
        return ChangedBy(SuspendSubscription, About<SuspendSubscriptionCommand>());
      case 4:
        return ChangedBy(UnsuspendSubscription, About<UnsuspendSubscriptionCommand>());
      case 5: {
        auto command = About<ChangeServicePlanCommand>();
        command.service_plan_id = dice.Of(2) == 0 ? kMonthly : "wfs-advanced-monthly";
        return ChangedBy(ChangeServicePlan, command);
      }
      default:
        break;
    }
    CancelScheduledChangeCommand command{.customer_id = Life::kCustomer, .change_id = "", .etag = ""};
    for (const auto& [key, change] : life.world.scheduled_changes)
      if (change.state == model::ChangeState::kPending) command.change_id = key.second;
    return ChangedBy(CancelScheduledChange, command);
  }
};

TEST_F(RandomRevertTest, WhatWasChangedIsSetBackInReverseOrderOneByOne) {
  int reverted = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    life = Life();
    Assign(kMonthly);
    Dice dice(seed);
    std::vector<std::pair<World, model::ChangeSet>> done;
    for (int i = 0; i < 25; ++i) {
      const World before = Substance(life.world);
      if (model::ChangeSet changes = Something(dice); !changes.empty()) done.emplace_back(before, std::move(changes));
    }
    while (!done.empty()) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", change " << done.size());
      ASSERT_EQ(Revert(done.back().second), absl::OkStatus());
      ExpectSame(Substance(life.world), done.back().first);
      if (HasFailure()) return;
      done.pop_back();
      ++reverted;
    }
  }
  EXPECT_GT(reverted, 200);
}

// Life itself looks at the invariants, that nothing is lost, and that time goes one way.
TEST_F(RandomRevertTest, WhateverIsTriedAndWhenNothingIsBroken) {
  std::map<std::string, int> reasons;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    life = Life();
    life.world.pools[{Life::kPartner, kStandard}] = {
        .partner_id = Life::kPartner, .product_id = kStandard, .total = 30};
    Assign(kMonthly);
    Dice dice(seed);
    std::vector<model::ChangeSet> done;
    for (int i = 0; i < 60; ++i) {
      if (dice.Of(4) == 0) life.today += dice.Of(12);
      life.TimePasses();
      if (model::ChangeSet changes = Something(dice); !changes.empty()) done.push_back(std::move(changes));
      if (done.empty() || dice.Of(2) == 0) continue;
      const absl::Status status = Revert(done[static_cast<size_t>(dice.Of(static_cast<int>(done.size())))]);
      EXPECT_FALSE(absl::IsInternal(status)) << status;
      ++reasons[status.ok() ? "done" : RefusalOf(status).reason];
    }
  }
  for (const char* reason : {"done", reason::kChangedSince, reason::kNotRevertible})
    EXPECT_GT(reasons[reason], 10) << reason;
}

TEST_F(RevertTest, WhatChangedSinceIsNamed) {
  Assign(kMonthly);
  const auto first = Updated({.units = {{kStandard, 20}}});
  const auto second = Updated({.units = {{kStandard, 30}}});
  const absl::Status status = Revert(first);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(RefusalOf(status).reason, reason::kChangedSince);
  const std::string name = "customers/acme/licenses/" + life.world.licenses.begin()->first.second;
  EXPECT_EQ(RefusalOf(status).metadata.at("resources"), name);
  EXPECT_EQ(Units(), 30);
  EXPECT_EQ(Revert(second), absl::OkStatus());
  EXPECT_EQ(Revert(first), absl::OkStatus());
  EXPECT_EQ(Units(), 10);
  EXPECT_EQ(ReasonOf(first), reason::kChangedSince);
}

TEST_F(RevertTest, WhatProductsReportIsNoChange) {
  Assign(kMonthly);
  const auto more = Updated({.units = {{kStandard, 20}}});
  ReportUsageCommand usage;
  usage.customer_id = Life::kCustomer;
  usage.license_id = life.world.licenses.begin()->first.second;
  usage.used_units = 7;
  ASSERT_EQ(life.Do(ReportUsage, usage), absl::OkStatus());
  EXPECT_EQ(Revert(more), absl::OkStatus());
  EXPECT_EQ(Units(), 10);
  EXPECT_EQ(life.world.licenses.begin()->second.used_units, 7);
}

TEST_F(RevertTest, WhatIsNotTouchedStaysAsItIs) {
  Assign(kMonthly);
  const auto notice = Updated({.expiration_notice_days = 3});
  const auto later = Updated({.units = {{kStandard, 15}}}, life.today + 5);
  EXPECT_EQ(Revert(notice), absl::OkStatus());  // that something waits now is no change of the subscription
  const auto more = Updated({.units = {{kStandard, 20}}});
  EXPECT_EQ(Revert(later), absl::OkStatus());
  EXPECT_EQ(Units(), 20);
  EXPECT_EQ(life.world.scheduled_changes.begin()->second.state, model::ChangeState::kCanceled);
}

TEST_F(RevertTest, APoolMustHaveTheUnits) {
  life.world.pools[{Life::kPartner, kStandard}] = {.partner_id = Life::kPartner, .product_id = kStandard, .total = 25};
  Assign(kMonthly);
  const auto fewer = Updated({.units = {{kStandard, 5}}});
  Assign(kMonthly, Life::kNeighbour);
  UpdateSubscriptionCommand grab;
  grab.customer_id = Life::kNeighbour;
  grab.subscription_id = life.world.subscriptions.rbegin()->first.second;
  grab.change.units = {{kStandard, 17}};
  ASSERT_EQ(life.Do(UpdateSubscription, grab), absl::OkStatus());
  EXPECT_EQ(ReasonOf(fewer), reason::kPoolExhausted);
  grab.change.units = {{kStandard, 15}};
  ASSERT_EQ(life.Do(UpdateSubscription, grab), absl::OkStatus());
  EXPECT_EQ(Revert(fewer), absl::OkStatus());
  EXPECT_EQ(life.world.pools.begin()->second.assigned, 25);
}

TEST_F(RevertTest, NothingThatIsPastComesBack) {
  Assign(kMonthly);
  const auto renewed = ChangedBy(RenewSubscription, About<RenewSubscriptionCommand>());
  ASSERT_TRUE(last.ok()) << last;
  const auto canceled_change = [&] {
    Updated({.units = {{kStandard, 15}}}, life.today + 5);
    return ChangedBy(CancelScheduledChange,
                     CancelScheduledChangeCommand{.customer_id = Life::kCustomer,
                                                  .change_id = life.world.scheduled_changes.begin()->first.second,
                                                  .etag = ""});
  }();
  life.today += 5;
  const absl::Status change = Revert(canceled_change);
  EXPECT_EQ(RefusalOf(change).reason, reason::kNotRevertible);
  EXPECT_THAT(std::string(change.message()), HasSubstr("its day has come"));
  life.today = Date(2026, 2, 28);  // it would have been renewed on this day
  const absl::Status renewal = Revert(renewed);
  EXPECT_EQ(RefusalOf(renewal).reason, reason::kNotRevertible);
  EXPECT_THAT(std::string(renewal.message()), HasSubstr("2026-02-28"));
}

TEST_F(RevertTest, ARenewalInGraceIsSetBackToGrace) {
  Assign("wfs-advanced-annual");
  const Date end = life.world.licenses.begin()->second.expiration_date;
  life.today = end + 3;
  const auto renewed = ChangedBy(RenewSubscription, About<RenewSubscriptionCommand>());
  ASSERT_TRUE(last.ok()) << last;
  EXPECT_EQ(Revert(renewed), absl::OkStatus());
  EXPECT_EQ(life.world.licenses.begin()->second.expiration_date, end);
}

TEST_F(RevertTest, TheCatalogDecides) {
  Assign(kMonthly);
  const auto fewer = Updated({.units = {{kStandard, 5}}});
  auto level = About<ChangeServicePlanCommand>();
  level.service_plan_id = "wfs-advanced-monthly";
  const auto moved = ChangedBy(ChangeServicePlan, level);
  ASSERT_TRUE(last.ok()) << last;
  DisableServicePlanCommand disable;
  disable.id = kMonthly;
  ASSERT_EQ(life.Do(DisableServicePlan, disable), absl::OkStatus());
  EXPECT_EQ(ReasonOf(moved), reason::kPlanDisabled);
  EnableServicePlanCommand enable;
  enable.id = kMonthly;
  ASSERT_EQ(life.Do(EnableServicePlan, enable), absl::OkStatus());
  EXPECT_EQ(Revert(moved), absl::OkStatus());
  life.world.MutableCatalog().products.at({kStandard, ""}).max_units = 9;
  EXPECT_EQ(ReasonOf(fewer), reason::kNotRevertible);
  life.world.MutableCatalog().products.at({kStandard, ""}).max_units = 1000;
  EndProductLifeCommand end;
  end.id = kStandard;
  end.end_date = life.today + 100;
  ASSERT_EQ(life.Do(EndProductLife, end), absl::OkStatus());
  EXPECT_EQ(ReasonOf(fewer), reason::kProductEndOfLife);
}

TEST_F(RevertTest, UpdatesOfThePlanComeFirst) {
  Assign("suite-annual");
  const auto notice = Updated({.expiration_notice_days = 3});
  ChangeSuiteComponentsCommand suite;
  suite.id = "worry-free-services-suite";
  suite.remove = {"cloud-app-security"};
  ASSERT_EQ(life.Do(ChangeSuiteComponents, suite), absl::OkStatus());
  EXPECT_EQ(ReasonOf(notice), reason::kPlanLocked);
  ApproveServicePlanCommand approve;
  approve.id = "suite-annual";
  ASSERT_EQ(life.Do(ApproveServicePlan, approve), absl::OkStatus());
  EXPECT_EQ(ReasonOf(notice), reason::kPlanUpdatesPending);
}

TEST_F(RevertTest, ALevelThatAnotherLicenseHasMeanwhileIsNotHeldTwice) {
  Assign(kMonthly);
  auto level = About<ChangeServicePlanCommand>();
  level.service_plan_id = "wfs-advanced-monthly";
  const auto moved = ChangedBy(ChangeServicePlan, level);
  ASSERT_TRUE(last.ok()) << last;
  Assign(kMonthly);
  EXPECT_EQ(ReasonOf(moved), reason::kCrossgradeNotAllowed);
}

TEST_F(RevertTest, WhatWasMadeOrEndedStaysSo) {
  const auto made = Changed([&] {
    Assign(kMonthly);
    return absl::OkStatus();
  });
  EXPECT_EQ(ReasonOf(made), reason::kNotRevertible);
  const auto more = Updated({.units = {{kStandard, 20}}});
  const auto notice = Updated({.expiration_notice_days = 3});
  ChangedBy(CancelSubscription, About<CancelSubscriptionCommand>());
  EXPECT_EQ(ReasonOf(more), reason::kChangedSince);
  EXPECT_EQ(ReasonOf(notice), reason::kChangedSince);
}

TEST_F(RevertTest, KindsThatCantBeTakenBackAreNamed) {
  EXPECT_EQ(CheckRevertible(event::kSubscriptionUpdated, "events/1"), absl::OkStatus());
  EXPECT_EQ(CheckRevertible(event::kChangeReverted, "events/1"), absl::OkStatus());
  for (const char* kind :
       {event::kServicePlanAssigned, event::kSubscriptionCanceled, event::kPlanUpdatesApplied, event::kUsageReported,
        event::kCustomerUpdated, event::kLicenseEnded, event::kLicenseExpiringSoon, event::kLicenseExpired}) {
    const absl::Status status = CheckRevertible(kind, "events/1");
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << kind;
    EXPECT_EQ(RefusalOf(status).metadata.at("event_kind"), kind);
  }
}

// It neither keeps a change from being set back, nor is it set back.
TEST_F(RevertTest, WhatTimeToldOfTheEndIsNobodysChange) {
  Assign("wfbs-monthly");
  const model::ChangeSet changes = Updated({.units = {{"worry-free-business-security", 25}}});
  const model::License& license = life.world.licenses.begin()->second;
  life.today = Date(2026, 2, 20);
  life.TimePasses();
  EXPECT_EQ(license.announced_date, license.expiration_date);
  EXPECT_EQ(Revert(changes), absl::OkStatus());
  EXPECT_EQ(Units(), 10);
  EXPECT_EQ(license.announced_date, license.expiration_date);
}

}  // namespace
}  // namespace lmp::domain

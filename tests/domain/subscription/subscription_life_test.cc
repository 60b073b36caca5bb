// What the histories under vectors/histories/ do not show: results, marks, etags, and whom a caller may touch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/domain/customer/customer_verbs.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/batch.h"
#include "server/domain/subscription/plan_assignment.h"
#include "server/domain/subscription/verbs.h"
#include "tests/domain/life.h"

namespace lmp::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SubscriptionLifeTest : public testing::Test {
 protected:
  // The customer's only subscription.
  std::string Assign(const std::string& plan) {
    AssignServicePlanCommand command{.customer_id = Life::kCustomer, .service_plan_id = plan};
    for (const std::string& id : Find(life.world.catalog->service_plans, plan)->components) command.units[id] = 10;
    EXPECT_EQ(life.Do(AssignServicePlan, command), absl::OkStatus());
    return life.world.subscriptions.begin()->first.second;
  }
  template <class Command>
  Command About(const std::string& subscription) {
    Command command;
    command.customer_id = Life::kCustomer;
    command.subscription_id = subscription;
    return command;
  }
  template <class Command, class Verb>
  absl::StatusOr<SubscriptionResult> Decide(Verb verb, const Command& command) {
    absl::StatusOr<SubscriptionResult> result;
    const absl::Status status = life.Run(command.footprint(), [&](model::World& rows, const Env& env) {
      return (result = verb(rows, command, env)).status();
    });
    if (!status.ok()) return status;
    return result;
  }
  absl::StatusOr<SubscriptionResult> Update(const std::string& id, const TermsChange& change,
                                            std::optional<Date> day = std::nullopt) {
    auto command = About<UpdateSubscriptionCommand>(id);
    command.change = change;
    command.effective_date = day;
    return Decide(UpdateSubscription, command);
  }
  std::optional<Date> DueDate() const { return life.world.licenses.begin()->second.due_date; }

  Life life;
};

TEST_F(SubscriptionLifeTest, ResultsNameTheChangesThatWereMadeAndDropped) {
  const std::string id = Assign("cas-annual");
  const auto term = Update(id, {.renewal_term_months = 6}, Date(2026, 5, 1));
  const auto notice = Update(id, {.expiration_notice_days = 7}, Date(2026, 6, 1));
  ASSERT_TRUE(term.ok() && notice.ok()) << term.status() << notice.status();
  const auto off = Update(id, {.auto_renewal = false});
  ASSERT_TRUE(off.ok()) << off.status();
  EXPECT_THAT(off->scheduled_change_id, IsEmpty());
  EXPECT_THAT(off->dropped_change_ids, ElementsAre(term->scheduled_change_id));
  const auto canceled = Decide(CancelSubscription, About<CancelSubscriptionCommand>(id));
  ASSERT_TRUE(canceled.ok()) << canceled.status();
  EXPECT_THAT(canceled->dropped_change_ids, ElementsAre(notice->scheduled_change_id));
  const auto& changes = life.world.scheduled_changes;
  EXPECT_THAT(Find(changes, Life::kCustomer, term->scheduled_change_id)->outcome, HasSubstr("auto_renewal"));
  EXPECT_THAT(Find(changes, Life::kCustomer, notice->scheduled_change_id)->outcome, HasSubstr("canceled"));
}

TEST_F(SubscriptionLifeTest, TheDueDateIsTheNextDayOnWhichTimeDoesSomething) {
  const std::string id = Assign("cas-monthly");
  EXPECT_EQ(DueDate(), Date(2026, 2, 28));  // renewal
  ASSERT_TRUE(Update(id, {.auto_renewal = false}).ok());
  EXPECT_EQ(DueDate(), Date(2026, 2, 14));  // the notice
  ASSERT_TRUE(Update(id, {.expiration_notice_days = 7}, Date(2026, 2, 10)).ok());
  EXPECT_EQ(DueDate(), Date(2026, 2, 10));  // a scheduled change
  life.today = Date(2026, 2, 10);
  life.TimePasses();
  EXPECT_EQ(DueDate(), Date(2026, 2, 21));  // the notice, which is shorter now
  life.today = Date(2026, 2, 21);
  life.TimePasses();
  EXPECT_EQ(DueDate(), Date(2026, 2, 28));  // the expiration
  life.today = Date(2026, 2, 28);
  life.TimePasses();
  EXPECT_EQ(DueDate(), Date(2026, 3, 30));  // the end of grace
  life.today = Date(2026, 3, 30);
  life.TimePasses();
  EXPECT_EQ(DueDate(), std::nullopt);
}

TEST_F(SubscriptionLifeTest, AStaleEtagIsRefusedByEveryVerb) {
  const std::string id = Assign("wfs-standard-monthly");
  const auto refused = [&](auto verb, auto command) {
    command.etag = "stale";
    EXPECT_EQ(RefusalOf(Decide(verb, command).status()).reason, reason::kEtagMismatch);
  };
  refused(UpdateSubscription, About<UpdateSubscriptionCommand>(id));
  refused(RenewSubscription, About<RenewSubscriptionCommand>(id));
  refused(SuspendSubscription, About<SuspendSubscriptionCommand>(id));
  refused(UnsuspendSubscription, About<UnsuspendSubscriptionCommand>(id));
  refused(CancelSubscription, About<CancelSubscriptionCommand>(id));
  refused(ChangeServicePlan, About<ChangeServicePlanCommand>(id));
  const auto change = Update(id, {.units = {{"worry-free-services-standard", 11}}}, Date(2026, 2, 10));
  ASSERT_TRUE(change.ok()) << change.status();
  refused(CancelScheduledChange,
          CancelScheduledChangeCommand{.customer_id = Life::kCustomer, .change_id = change->scheduled_change_id});
}

TEST_F(SubscriptionLifeTest, WhatIsNotThereIsNotFound) {
  Assign("wfs-advanced-annual");
  EXPECT_EQ(RefusalOf(Update("no-such", {.auto_renewal = true}).status()).reason, reason::kSubscriptionNotFound);
  auto other = About<RenewSubscriptionCommand>(life.world.subscriptions.begin()->first.second);
  other.customer_id = Life::kNeighbour;  // whose subscription it is not
  EXPECT_EQ(RefusalOf(Decide(RenewSubscription, other).status()).reason, reason::kSubscriptionNotFound);
  const CancelScheduledChangeCommand cancel{.customer_id = Life::kCustomer, .change_id = "no-such"};
  EXPECT_EQ(RefusalOf(Decide(CancelScheduledChange, cancel).status()).reason, reason::kScheduledChangeNotFound);
}

TEST_F(SubscriptionLifeTest, EnablingACustomerNamesTheLicensesThatWereNotRenewed) {
  Assign("cas-monthly");   // renews
  Assign("wfbs-monthly");  // does not
  Assign("hes-annual");    // goes on
  const auto do_to_customer = [&](auto verb, auto command) {
    command.id = Life::kCustomer;
    return life.Do(verb, command);
  };
  const auto enable = [&] {
    EnableCustomerCommand command;
    command.id = Life::kCustomer;
    EnableCustomerResult result;
    EXPECT_EQ(life.Run(command.footprint(),
                       [&](model::World& rows, const Env& env) {
                         const auto enabled = EnableCustomer(rows, command, env);
                         if (enabled.ok()) result = *enabled;
                         return enabled.status();
                       }),
              absl::OkStatus());
    return result.ended_licenses;
  };
  EXPECT_EQ(do_to_customer(DisableCustomer, DisableCustomerCommand()), absl::OkStatus());
  life.today = Date(2026, 6, 1);
  std::string of_cas;
  for (const auto& [key, license] : life.world.licenses) {
    if (license.product_id == "cloud-app-security") of_cas = license.license_id;
  }
  EXPECT_THAT(enable(), ElementsAre(of_cas));
  EXPECT_FALSE(life.world.customers.at({Life::kCustomer, ""}).disable_time.has_value());
  // What was lost once is not lost again.
  EXPECT_EQ(do_to_customer(DisableCustomer, DisableCustomerCommand()), absl::OkStatus());
  life.today = Date(2026, 7, 1);
  EXPECT_THAT(enable(), IsEmpty());
}

// Of all subscriptions.
BatchUpdateSubscriptionsCommand BatchOf(SubscriptionAction action) {
  return {.customer_id = Life::kCustomer,
          .etag = "",
          .subscription_ids = {},
          .service_plan_id = "",
          .product_id = "",
          .action = std::move(action)};
}

TEST_F(SubscriptionLifeTest, ABatchSkipsWhatItDoesNotApplyToAndSaysWhy) {
  Assign("cas-annual");
  Assign("wfbs-annual");
  Assign("hes-annual");
  BatchUpdateSubscriptionsCommand batch = BatchOf(UpdateSubscriptionCommand());
  TermsChange& change = std::get<UpdateSubscriptionCommand>(batch.action).change;
  BatchUpdateSubscriptionsResult result;
  const auto run = [&] {
    return life.Run(batch.footprint(), [&](model::World& rows, const Env& env) {
      const auto done = BatchUpdateSubscriptions(rows, batch, env);
      if (done.ok()) result = *done;
      return done.status();
    });
  };
  change.units = {{"cloud-app-security", 12}};
  ASSERT_EQ(run(), absl::OkStatus());
  EXPECT_EQ(result.results.size(), 1u);
  ASSERT_EQ(result.skipped.size(), 2u);
  EXPECT_EQ(RefusalOf(result.skipped[0].why).reason, reason::kInvalidFields);
  change = {.renewal_term_months = 6};  // of which only one renews
  ASSERT_EQ(run(), absl::OkStatus());
  EXPECT_EQ(result.results.size(), 1u);
  EXPECT_EQ(result.skipped.size(), 2u);
  // What nobody could do is the caller's mistake.
  change = {.renewal_term_months = 67};
  EXPECT_EQ(RefusalOf(run()).reason, reason::kInvalidFields);
  change = {};
  EXPECT_EQ(RefusalOf(run()).reason, reason::kInvalidFields);
  std::get<UpdateSubscriptionCommand>(batch.action).align.subscription = "no-such";
  EXPECT_EQ(RefusalOf(run()).reason, reason::kInvalidFields);
}

TEST_F(SubscriptionLifeTest, ABatchOfAllIsOfAThousandAtMost) {
  Assign("cas-monthly");
  const BatchUpdateSubscriptionsCommand batch = BatchOf(SuspendSubscriptionCommand());
  const auto among = [&](int count) {
    size_t suspended = 0;
    return std::pair(life.Run(batch.footprint(),
                              [&](model::World& rows, const Env& env) -> absl::Status {
                                const model::Subscription first = rows.subscriptions.begin()->second;
                                const model::License license = rows.licenses.begin()->second;
                                for (int i = 1; i < count; ++i) {
                                  model::Subscription other = first;
                                  model::License others = license;
                                  other.subscription_id = *(others.subscription_id = absl::StrCat("s", i));
                                  others.license_id = absl::StrCat("l", i);
                                  rows.subscriptions[KeyOf(other)] = other;
                                  rows.licenses[KeyOf(others)] = others;
                                }
                                const auto done = BatchUpdateSubscriptions(rows, batch, env);
                                if (!done.ok()) return done.status();
                                EXPECT_EQ(done->results.size(), static_cast<size_t>(count));
                                for (const auto& [key, one] : rows.subscriptions) suspended += one.renewal_paused;
                                return absl::CancelledError("none of these is to stay");
                              }),
                     suspended);
  };
  EXPECT_EQ(among(1000).second, 1000u);
  const absl::Status refused = among(1001).first;
  ASSERT_EQ(RefusalOf(refused).violations.size(), 1u) << refused;
  EXPECT_EQ(RefusalOf(refused).violations[0].field, "subscriptions");
}

TEST_F(SubscriptionLifeTest, ACrossgradeNamesTheLicensesThatStayBeside) {
  AssignServicePlanCommand command{
      .customer_id = Life::kCustomer,
      .service_plan_id = "wfbs-annual",
      .units = {{"worry-free-business-security", 10}},
      .crossgrade = {
          .mode = CrossgradeMode::kExplicit, .resolutions = {}, .expiration = CrossgradeExpiration::kUnspecified}};
  AssignServicePlanResult result;
  const auto assign = [&] {
    return life.Run(command.footprint(), [&](model::World& rows, const Env& env) {
      const auto done = AssignServicePlan(rows, command, env);
      if (done.ok()) result = *done;
      return done.status();
    });
  };
  ASSERT_EQ(assign(), absl::OkStatus());
  command.crossgrade.resolutions = {{"worry-free-business-security", Resolution::kNewLicense}};
  ASSERT_EQ(assign(), absl::OkStatus());
  ASSERT_EQ(result.duplicates.size(), 1u);
  EXPECT_THAT(result.duplicates[0].others, IsEmpty());
  const std::string first = result.duplicates[0].license_id;
  command.crossgrade = {.mode = CrossgradeMode::kAutomatic, .resolutions = {}, .expiration = {}};
  ASSERT_EQ(assign(), absl::OkStatus());
  ASSERT_EQ(result.duplicates.size(), 1u);
  EXPECT_EQ(result.duplicates[0].license_id, first);
  EXPECT_EQ(result.duplicates[0].others.size(), 1u);
}

TEST_F(SubscriptionLifeTest, AnotherPartnersCustomerIsNotFound) {
  const std::string id = Assign("wfs-advanced-annual");
  const auto stranger = [&](model::World& rows, const Env& env) {
    const Caller caller{.actor = "stranger", .partner_id = "msp-two"};
    const Env theirs{env.now, env.today, caller, env.ids};
    return RenewSubscription(rows, About<RenewSubscriptionCommand>(id), theirs).status();
  };
  EXPECT_EQ(RefusalOf(life.Run({.customers = {Life::kCustomer}}, stranger)).reason, reason::kCustomerNotFound);
}

}  // namespace
}  // namespace lmp::domain

// The life of a subscription, verb by verb and day by day.
#include "server/domain/subscription_verbs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/domain/catalogue_verbs.h"
#include "server/domain/customer_verbs.h"
#include "server/domain/license_verbs.h"
#include "server/domain/partner_verbs.h"
#include "server/domain/pool_verbs.h"
#include "tests/domain/life.h"

namespace lmp::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kCas[] = "cloud-app-security";
constexpr char kAdvanced[] = "worry-free-services-advanced";
constexpr char kStandard[] = "worry-free-services-standard";

class LifeTest : public testing::Test {
 protected:
  template <class Command>
  Command For(const std::string& subscription) {
    Command command;
    command.customer_id = Life::kCustomer;
    command.subscription_id = subscription;
    return command;
  }
  std::string Update(const std::string& id, const TermsChange& change, std::optional<Date> day = std::nullopt) {
    auto command = For<UpdateSubscriptionCommand>(id);
    command.change = change;
    command.effective_date = day;
    return life.Do(UpdateSubscription, command);
  }
  std::string Renew(const std::string& id, std::optional<int> months = std::nullopt) {
    auto command = For<RenewSubscriptionCommand>(id);
    command.term_months = months;
    return life.Do(RenewSubscription, command);
  }
  std::string Suspend(const std::string& id, std::optional<Date> day = std::nullopt) {
    auto command = For<SuspendSubscriptionCommand>(id);
    command.suspend_date = day;
    return life.Do(SuspendSubscription, command);
  }
  std::string Unsuspend(const std::string& id, std::optional<Date> day = std::nullopt) {
    auto command = For<UnsuspendSubscriptionCommand>(id);
    command.expiration_date = day;
    return life.Do(UnsuspendSubscription, command);
  }
  std::string Cancel(const std::string& id) { return life.Do(CancelSubscription, For<CancelSubscriptionCommand>(id)); }

  Life life;
};

TEST_F(LifeTest, AMonthlyPlanRenewsOnItsDayAndKeepsThe31st) {
  life.Assign("cas-monthly", 10);
  EXPECT_EQ(life.License(kCas).expiration_date, Date(2026, 2, 28));
  life.On(2026, 2, 27).TimePasses();
  EXPECT_THAT(life.steps(), IsEmpty());
  life.On(2026, 2, 28).TimePasses();
  EXPECT_EQ(life.License(kCas).expiration_date, Date(2026, 3, 31));
  life.TimePasses();  // once is once
  EXPECT_THAT(life.steps(), ElementsAre("SUBSCRIPTION_RENEWED 2026-02-28"));
}

TEST_F(LifeTest, SeveralTermsRenewAtOnceAfterADowntimeEachOnItsDay) {
  life.Assign("cas-monthly", 10);
  life.On(2026, 5, 2);
  EXPECT_EQ(life.StateOf(kCas), "EXPIRING_SOON");  // a reader needs no worker
  life.TimePasses();
  EXPECT_THAT(life.steps(), ElementsAre("SUBSCRIPTION_RENEWED 2026-02-28", "SUBSCRIPTION_RENEWED 2026-03-31",
                                        "SUBSCRIPTION_RENEWED 2026-04-30"));
  EXPECT_EQ(life.License(kCas).expiration_date, Date(2026, 5, 31));
}

TEST_F(LifeTest, WithoutAutoRenewalItGoesThroughGraceToItsEnd) {
  life.Assign("wfs-advanced-annual", 10);
  EXPECT_EQ(life.On(2027, 1, 31).StateOf(kAdvanced), "GRACE");
  EXPECT_EQ(life.On(2027, 3, 1).StateOf(kAdvanced), "GRACE");
  EXPECT_EQ(life.On(2027, 3, 2).StateOf(kAdvanced), "EXPIRED");
  life.TimePasses();
  EXPECT_THAT(life.steps(), ElementsAre("LICENSE_ENDED 2027-03-02"));
  EXPECT_TRUE(life.License(kAdvanced).closed);
}

TEST_F(LifeTest, NothingRenewsBeyondTheEndOfItsProductsLife) {
  life.Assign("cas-monthly", 10);
  EndProductLifeCommand end;
  end.id = kCas;
  end.end_date = Date(2026, 3, 31);
  EXPECT_EQ(life.Do(EndProductLife, end), "OK");
  life.On(2026, 4, 1).TimePasses();
  EXPECT_THAT(life.steps(), ElementsAre("SUBSCRIPTION_RENEWED 2026-02-28", "LICENSE_ENDED 2026-03-31"));
  EXPECT_EQ(life.StateOf(kCas), "EXPIRED");
}

TEST_F(LifeTest, RenewExtendsFromTheOldExpirationAlsoInGrace) {
  const std::string id = life.Assign("wfs-advanced-annual", 10);
  life.On(2027, 2, 10);
  EXPECT_EQ(Renew(id, 6), "OK");
  EXPECT_EQ(life.License(kAdvanced).expiration_date, Date(2027, 7, 31));
  EXPECT_EQ(Renew(id), "OK");
  EXPECT_EQ(life.License(kAdvanced).expiration_date, Date(2028, 7, 31));
  EXPECT_EQ(Renew(id, 67), "INVALID_FIELDS");
  EXPECT_EQ(Renew(id, 66), "OK");
  EXPECT_EQ(Renew(id, 1), "OK");
}

TEST_F(LifeTest, WhatHasEndedCannotBeRenewedOrUpdated) {
  const std::string id = life.Assign("wfs-advanced-annual", 10);
  life.On(2027, 3, 2);
  EXPECT_EQ(Renew(id), "SUBSCRIPTION_ENDED");
  EXPECT_EQ(Update(id, {.auto_renewal = true}), "SUBSCRIPTION_ENDED");
}

TEST_F(LifeTest, TrialsAndNfrHaveFixedTerms) {
  const std::string trial = life.Assign("cas-trial", 5);
  EXPECT_EQ(Renew(trial), "TRIAL_FIXED");
  EXPECT_EQ(Update(trial, {.units = {{kCas, 6}}}), "TRIAL_FIXED");
  EXPECT_EQ(Cancel(trial), "OK");
}

TEST_F(LifeTest, AnUpdateChangesUnitsExpirationRenewalAndNotice) {
  const std::string id = life.Assign("wfs-advanced-annual", 10);
  EXPECT_EQ(Update(id, {.units = {{kAdvanced, 20}}, .expiration_date = Date(2026, 12, 24), .auto_renewal = true,
                        .renewal_term_months = 3, .expiration_notice_days = 7}), "OK");
  EXPECT_EQ(life.License(kAdvanced).units, 20);
  EXPECT_EQ(life.License(kAdvanced).grace_end_date, Date(2027, 1, 23));
  EXPECT_EQ(life.On(2026, 12, 16).StateOf(kAdvanced), "ACTIVE");
  EXPECT_EQ(life.On(2026, 12, 17).StateOf(kAdvanced), "EXPIRING_SOON");
  EXPECT_EQ(life.On(2026, 12, 24).License(kAdvanced).expiration_date, Date(2027, 3, 24));
}

TEST_F(LifeTest, AnUpdateNamesEveryFieldThatIsWrong) {
  const std::string id = life.Assign("wfs-advanced-annual", 10);
  EXPECT_EQ(Update(id, {.units = {{kAdvanced, 1}, {kCas, 3}}, .renewal_term_months = 0}), "INVALID_FIELDS");
  EXPECT_EQ(Update(id, {.expiration_date = Date(2026, 1, 31)}), "DATE_OUT_OF_RANGE");
  EXPECT_EQ(Update(id, {.expiration_date = Date(2031, 8, 1)}), "DATE_OUT_OF_RANGE");
  EXPECT_EQ(Update(id, {.expiration_date = Date(2031, 7, 31)}), "OK");
  EXPECT_EQ(Update(id, {}), "INVALID_FIELDS");
}

TEST_F(LifeTest, AScheduledChangeTakesEffectOnItsDayOnce) {
  const std::string id = life.Assign("wfs-advanced-annual", 10);
  EXPECT_EQ(Update(id, {.units = {{kAdvanced, 50}}}, Date(2026, 6, 1)), "OK");
  EXPECT_EQ(life.Subscription(id).pending_changes, 1);
  EXPECT_EQ(life.On(2026, 5, 31).License(kAdvanced).units, 10);
  EXPECT_EQ(life.On(2026, 6, 1).License(kAdvanced).units, 50);
  life.On(2026, 8, 1).TimePasses();
  EXPECT_THAT(life.steps(), ElementsAre("SCHEDULED_CHANGE_APPLIED 2026-06-01"));
  EXPECT_EQ(life.Subscription(id).pending_changes, 0);
}

TEST_F(LifeTest, AChangeOnTheDayOfARenewalComesFirst) {
  const std::string id = life.Assign("cas-monthly", 10);
  EXPECT_EQ(Update(id, {.auto_renewal = false}, Date(2026, 2, 28)), "OK");
  life.On(2026, 3, 5).TimePasses();
  EXPECT_THAT(life.steps(), ElementsAre("SCHEDULED_CHANGE_APPLIED 2026-02-28"));
  EXPECT_EQ(life.StateOf(kCas), "GRACE");
}

TEST_F(LifeTest, AScheduledChangeMustComeWhileTheSubscriptionRuns) {
  const std::string id = life.Assign("wfs-advanced-annual", 10);
  EXPECT_EQ(Update(id, {.auto_renewal = true}, Date(2026, 1, 30)), "DATE_OUT_OF_RANGE");
  EXPECT_EQ(Update(id, {.auto_renewal = true}, Date(2027, 3, 2)), "DATE_OUT_OF_RANGE");
  EXPECT_EQ(Update(id, {.auto_renewal = true}, Date(2027, 3, 1)), "OK");
  EXPECT_EQ(Update(id, {.auto_renewal = true}, Date(2026, 1, 31)), "OK");  // today: at once
}

TEST_F(LifeTest, AnImmediateChangeDropsWhatIsNoLongerPossibleAndSaysWhy) {
  const std::string id = life.Assign("wfs-advanced-annual", 10);
  EXPECT_EQ(Update(id, {.auto_renewal = true}), "OK");
  EXPECT_EQ(Update(id, {.renewal_term_months = 6}, Date(2026, 5, 1)), "OK");
  EXPECT_EQ(Update(id, {.units = {{kAdvanced, 30}}}, Date(2026, 6, 1)), "OK");
  EXPECT_EQ(Update(id, {.auto_renewal = false}), "OK");
  int dropped = 0, pending = 0;
  for (const auto& [key, change] : life.world.scheduled_changes) {
    dropped += change.state == model::ChangeState::kDropped;
    pending += change.state == model::ChangeState::kPending;
    if (change.state == model::ChangeState::kDropped) {
      EXPECT_THAT(change.outcome, HasSubstr("auto_renewal"));
    }
  }
  EXPECT_EQ(dropped, 1);
  EXPECT_EQ(pending, 1);
}

TEST_F(LifeTest, AScheduledChangeBeyondThePoolIsDroppedAndSaysSo) {
  life.world.pools[{"msp-one", kAdvanced}] = {.partner_id = "msp-one", .product_id = kAdvanced, .total = 40};
  const std::string id = life.Assign("wfs-advanced-annual", 10);
  EXPECT_EQ(Update(id, {.units = {{kAdvanced, 41}}}, Date(2026, 6, 1)), "OK");
  EXPECT_EQ(Update(id, {.units = {{kAdvanced, 41}}}), "POOL_EXHAUSTED");
  life.On(2026, 6, 1).TimePasses();
  EXPECT_THAT(life.steps(), ElementsAre("SCHEDULED_CHANGE_DROPPED 2026-06-01"));
  EXPECT_EQ(life.License(kAdvanced).units, 10);
}

TEST_F(LifeTest, AWaitingChangeCanBeCanceledOnce) {
  const std::string id = life.Assign("wfs-advanced-annual", 10);
  EXPECT_EQ(Update(id, {.units = {{kAdvanced, 50}}}, Date(2026, 6, 1)), "OK");
  const CancelScheduledChangeCommand command{.customer_id = Life::kCustomer,
                                             .change_id = life.world.scheduled_changes.begin()->second.change_id};
  EXPECT_EQ(life.Do(CancelScheduledChange, command), "OK");
  EXPECT_EQ(life.Do(CancelScheduledChange, command), "WRONG_STATE");
  life.On(2026, 6, 2).TimePasses();
  EXPECT_THAT(life.steps(), IsEmpty());
}

TEST_F(LifeTest, OnlyWhatRenewsByItselfCanBeSuspended) {
  const std::string annual = life.Assign("wfs-advanced-annual", 10);
  EXPECT_EQ(Suspend(annual), "AUTO_RENEWAL_OFF");
  const std::string monthly = life.Assign("cas-monthly", 10);
  EXPECT_EQ(Suspend(monthly, Date(2026, 1, 30)), "DATE_OUT_OF_RANGE");
  EXPECT_EQ(Suspend(monthly, Date(2026, 3, 1)), "DATE_OUT_OF_RANGE");
  EXPECT_EQ(Suspend(monthly, Date(2026, 2, 28)), "OK");
  EXPECT_EQ(life.On(2026, 2, 27).StateOf(kCas), "EXPIRING_SOON");
  EXPECT_EQ(life.On(2026, 2, 28).StateOf(kCas), "SUSPENDED");
  EXPECT_EQ(Suspend(monthly), "WRONG_STATE");
  EXPECT_EQ(Update(monthly, {.auto_renewal = true}), "WRONG_STATE");
  EXPECT_EQ(Renew(monthly), "WRONG_STATE");
}

TEST_F(LifeTest, UnsuspendingBringsRenewalAndTheOldExpirationBack) {
  const std::string id = life.Assign("cas-monthly", 10);
  EXPECT_EQ(Suspend(id), "OK");
  EXPECT_EQ(life.StateOf(kCas), "SUSPENDED");
  life.On(2026, 3, 10);  // expired meanwhile: nothing renewed while suspended
  EXPECT_EQ(Unsuspend(id, Date(2026, 2, 27)), "DATE_OUT_OF_RANGE");
  EXPECT_EQ(Unsuspend(id, Date(2026, 3, 31)), "DATE_OUT_OF_RANGE");
  EXPECT_EQ(Unsuspend(id, Date(2026, 3, 30)), "OK");  // the last day of grace
  EXPECT_EQ(life.StateOf(kCas), "EXPIRING_SOON");
  EXPECT_TRUE(life.Subscription(id).terms.auto_renewal);
  EXPECT_EQ(life.On(2026, 3, 30).License(kCas).expiration_date, Date(2026, 4, 30));
}

TEST_F(LifeTest, AfterGraceNothingCanBeUnsuspended) {
  const std::string id = life.Assign("cas-monthly", 10);
  EXPECT_EQ(Suspend(id), "OK");
  EXPECT_EQ(life.On(2026, 3, 30).StateOf(kCas), "EXPIRED");
  EXPECT_EQ(Unsuspend(id), "SUBSCRIPTION_ENDED");
}

TEST_F(LifeTest, CancelingIsFinalAndReturnsTheUnits) {
  life.world.pools[{"msp-one", kCas}] = {.partner_id = "msp-one", .product_id = kCas, .total = 15};
  const std::string id = life.Assign("cas-annual", 10);
  EXPECT_EQ(life.world.pools.begin()->second.assigned, 10);
  EXPECT_EQ(Cancel(id), "OK");
  EXPECT_EQ(life.StateOf(kCas), "DISABLED");
  EXPECT_EQ(life.world.pools.begin()->second.assigned, 0);
  EXPECT_EQ(Cancel(id), "WRONG_STATE");
  life.Assign("cas-monthly", 15);
}

TEST_F(LifeTest, UnitsReturnToThePoolWhenALicenceEnds) {
  life.world.pools[{"msp-one", kAdvanced}] = {.partner_id = "msp-one", .product_id = kAdvanced, .total = 15};
  life.Assign("wfs-advanced-annual", 10);
  life.On(2027, 3, 2).TimePasses();
  EXPECT_EQ(life.world.pools.begin()->second.assigned, 0);
}

TEST_F(LifeTest, APlanOnAnotherLevelKeepsTheLicence) {
  const std::string id = life.Assign("wfs-standard-monthly", 10);
  const std::string license = life.License(kStandard).license_id;
  auto command = For<ChangeServicePlanCommand>(id);
  command.service_plan_id = "cas-annual";
  EXPECT_EQ(life.Do(ChangeServicePlan, command), "PLAN_NOT_A_LEVEL");
  command.service_plan_id = "wfs-advanced-trial";
  EXPECT_EQ(life.Do(ChangeServicePlan, command), "PLAN_NOT_A_LEVEL");
  command.service_plan_id = "wfs-advanced-monthly";
  command.units = 1;
  EXPECT_EQ(life.Do(ChangeServicePlan, command), "INVALID_FIELDS");
  command.units = 12;
  EXPECT_EQ(life.Do(ChangeServicePlan, command), "OK");
  EXPECT_EQ(life.License(kAdvanced).license_id, license);
  EXPECT_EQ(life.License(kAdvanced).units, 12);
  EXPECT_EQ(life.License(kAdvanced).expiration_date, Date(2026, 2, 28));
}

TEST_F(LifeTest, ADisabledCustomersLicencesComeBackAsTheyWouldHaveBeen) {
  life.Assign("cas-annual", 10);
  DisableCustomerCommand disable;
  disable.id = Life::kCustomer;
  EXPECT_EQ(life.Do(DisableCustomer, disable), "OK");
  EXPECT_EQ(life.Do(DisableCustomer, disable), "WRONG_STATE");
  EXPECT_EQ(life.StateOf(kCas), "DISABLED");
  EnableCustomerCommand enable;
  enable.id = Life::kCustomer;
  EXPECT_EQ(life.Do(EnableCustomer, enable), "OK");
  EXPECT_EQ(life.StateOf(kCas), "ACTIVE");
}

TEST_F(LifeTest, ACustomerWithLicencesIsDeletedByForceOnlyAndCanComeBackFor30Days) {
  const std::string id = life.Assign("cas-annual", 10);
  DeleteCustomerCommand command;
  command.id = Life::kCustomer;
  EXPECT_EQ(life.Do(DeleteCustomer, command), "CUSTOMER_HAS_LICENSES");
  command.force = true;
  EXPECT_EQ(life.Do(DeleteCustomer, command), "OK");
  EXPECT_EQ(life.Subscription(id).state, model::SubscriptionState::kDisabled);
  EXPECT_EQ(life.Do(DeleteCustomer, command), "CUSTOMER_DELETED");
  UndeleteCustomerCommand undelete;
  undelete.id = Life::kCustomer;
  EXPECT_EQ(life.On(2026, 3, 3).Do(UndeleteCustomer, undelete), "WRONG_STATE");
  EXPECT_EQ(life.On(2026, 3, 2).Do(UndeleteCustomer, undelete), "OK");
  EXPECT_EQ(life.Do(UndeleteCustomer, undelete), "WRONG_STATE");
}

TEST_F(LifeTest, APartnerGoesFromActiveToSuspendedAndBackAndIsCanceledForGood) {
  life.Assign("cas-annual", 10);
  SuspendPartnerCommand suspend;
  suspend.id = "msp-one";
  ResumePartnerCommand resume;
  resume.id = "msp-one";
  CancelPartnerCommand cancel;
  cancel.id = "msp-one";
  EXPECT_EQ(life.Do(ResumePartner, resume), "WRONG_STATE");
  EXPECT_EQ(life.Do(SuspendPartner, suspend), "OK");
  EXPECT_EQ(life.StateOf(kCas), "ACTIVE");
  EXPECT_EQ(life.Do(ResumePartner, resume), "OK");
  EXPECT_EQ(life.Do(CancelPartner, cancel), "OK");
  EXPECT_EQ(life.StateOf(kCas), "DISABLED");
  EXPECT_EQ(life.Do(ResumePartner, resume), "WRONG_STATE");
}

TEST_F(LifeTest, ASuiteChangeLocksItsPlansUntilTheyAreApproved) {
  const std::string id = life.Assign("suite-annual", 10);
  ChangeSuiteComponentsCommand change;
  change.id = "worry-free-services-suite";
  change.remove = {"hosted-email-security"};
  EXPECT_EQ(life.Do(ChangeSuiteComponents, change), "OK");
  EXPECT_EQ(Update(id, {.auto_renewal = false}), "PLAN_LOCKED");
  ApproveServicePlanCommand approve;
  approve.id = "suite-annual";
  EXPECT_EQ(life.Do(ApproveServicePlan, approve), "OK");
  EXPECT_EQ(life.Do(ApproveServicePlan, approve), "WRONG_STATE");
  EXPECT_EQ(Update(id, {.auto_renewal = false}), "PLAN_UPDATES_PENDING");
  EXPECT_EQ(Renew(id), "OK");
}

TEST_F(LifeTest, AFirstSignInActivatesOnce) {
  life.Assign("cas-first-sign-in", 10);
  EXPECT_EQ(life.StateOf(kCas), "NOT_ACTIVATED");
  ActivateLicenseCommand command;
  command.customer_id = Life::kCustomer;
  command.license_id = life.License(kCas).license_id;
  EXPECT_EQ(life.Do(ActivateLicense, command), "OK");
  EXPECT_EQ(life.StateOf(kCas), "ACTIVE");
  EXPECT_EQ(life.Do(ActivateLicense, command), "WRONG_STATE");
}

TEST_F(LifeTest, OnlyAnUnbundledLicenceCanBeDeleted) {
  life.Assign("cas-annual", 10);
  DeleteUnbundledLicenseCommand command;
  command.customer_id = Life::kCustomer;
  command.license_id = life.License(kCas).license_id;
  EXPECT_EQ(life.Do(DeleteUnbundledLicense, command), "LICENSE_NOT_UNBUNDLED");
  Find(life.world.licenses, Life::kCustomer, command.license_id)->subscription_id.reset();
  EXPECT_EQ(life.Do(DeleteUnbundledLicense, command), "OK");
  EXPECT_EQ(life.Do(DeleteUnbundledLicense, command), "WRONG_STATE");
}

TEST_F(LifeTest, APoolIsMadeWithWhatIsAssignedAlreadyAndRefilledBelowItsMinimum) {
  life.world.unpooled_units[{"msp-one", kCas}] = 30;
  AddLicensePoolUnitsCommand add;
  add.partner_id = "msp-one";
  add.product_id = kCas;
  add.units = 29;
  EXPECT_EQ(life.Do(AddLicensePoolUnits, add), "POOL_EXHAUSTED");
  add.units = 35;
  EXPECT_EQ(life.Do(AddLicensePoolUnits, add), "OK");
  UpdateLicensePoolCommand update;
  update.partner_id = "msp-one";
  update.product_id = kCas;
  update.minimum = 7;
  EXPECT_EQ(life.Do(UpdateLicensePool, update), "OK");
  EXPECT_EQ(life.world.pools.begin()->second.total, 35 + 11);
}

}  // namespace
}  // namespace lmp::domain

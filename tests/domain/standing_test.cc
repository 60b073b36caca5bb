#include "server/domain/standing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <string>

#include "server/domain/api_key.h"
#include "server/domain/catalog/catalog_verbs.h"
#include "server/domain/catalog/product.h"
#include "server/domain/catalog/service_plan.h"
#include "server/domain/customer/customer.h"
#include "server/domain/customer/customer_verbs.h"
#include "server/domain/customer/partner.h"
#include "server/domain/customer/partner_verbs.h"
#include "server/domain/license/license_token.h"
#include "server/domain/license/license_verbs.h"
#include "server/domain/license/pool_verbs.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/batch.h"
#include "server/domain/subscription/plan_assignment.h"
#include "server/domain/subscription/plan_updates.h"
#include "server/domain/subscription/registration_key.h"
#include "server/domain/subscription/revert.h"
#include "server/domain/subscription/verbs.h"
#include "tests/domain/demo_catalog.h"
#include "tests/domain/fake_ids.h"
#include "tests/domain/fake_signer.h"

namespace lmp::domain {
namespace {

using model::CustomerState;
using model::PartnerState;
using model::World;
using Act = std::function<absl::Status(World&, const Env&)>;

constexpr char kCustomer[] = "acme";
constexpr char kPartner[] = "msp-one";
const Date kToday(2026, 3, 15);

// A command about the subscription, or the license, `id` of the customer.
template <class Command>
Command About(const std::string& id) {
  Command command;
  command.customer_id = kCustomer;
  if constexpr (requires { command.subscription_id; }) command.subscription_id = id;
  if constexpr (requires { command.license_id; }) command.license_id = id;
  return command;
}

template <class Command>
Command Named(const std::string& id) {
  Command command;
  command.id = id;
  return command;
}

template <class Command, class Decide>
Act Do(Decide decide, Command command) {
  return [=](World& world, const Env& env) { return decide(world, command, env).status(); };
}

model::Subscription SomeSubscription(const std::string& id, const std::string& plan_id) {
  const model::ServicePlan& plan = *Find(TheDemoCatalog().catalog->service_plans, plan_id);
  return {.customer_id = kCustomer,
          .subscription_id = id,
          .service_plan_id = plan_id,
          .terms = plan.terms,
          .start_date = kToday,
          .components = plan.components};
}

model::License SomeLicense(const std::string& id, const std::string& product_id, const std::string& subscription_id) {
  model::License license = MakeLicense(*TheDemoCatalog().catalog, kCustomer, id, product_id);
  license.units = 10;
  license.start_date = license.anchor_date = kToday;
  license.expiration_date = Date(2026, 4, 15);
  license.grace_end_date = Date(2026, 5, 15);
  if (!subscription_id.empty()) license.subscription_id = subscription_id;
  return license;
}

// A customer with everything there is a verb for, and each partner's things beside it.
World SomeWorld() {
  World world;
  world.catalog = TheDemoCatalog().catalog;
  world.customers[{kCustomer, ""}] = {.customer_id = kCustomer,
                                      .partner_id = kPartner,
                                      .display_name = "Acme",
                                      .city = "Bonn",
                                      .region = "NRW",
                                      .country = "DE",
                                      .contact_given_name = "A",
                                      .contact_family_name = "B",
                                      .contact_email = "a@b"};
  for (const auto& [id, plan, product] : {std::tuple{"runs", "wfs-standard-monthly", "worry-free-services-standard"},
                                          std::tuple{"rests", "wfbs-annual", "worry-free-business-security"}}) {
    world.subscriptions[{kCustomer, id}] = SomeSubscription(id, plan);
    world.licenses[{kCustomer, id}] = SomeLicense(id, product, id);
  }
  model::Subscription& suspended = world.subscriptions.at({kCustomer, "rests"});
  suspended.state = model::SubscriptionState::kSuspended;
  suspended.renewal_paused = true;
  world.licenses.at({kCustomer, "rests"}).suspend_date = kToday;
  world.licenses[{kCustomer, "loose"}] = SomeLicense("loose", "endpoint-encryption", "");
  model::Subscription behind = SomeSubscription("behind", "xdr-monthly");
  behind.components = {"cloud-app-security"};  // its plan's suite has one component more
  world.subscriptions[{kCustomer, "behind"}] = behind;
  world.licenses[{kCustomer, "sleeps"}] = SomeLicense("sleeps", "cloud-app-security", "behind");
  world.licenses.at({kCustomer, "sleeps"}).activation_policy = model::ActivationPolicy::kOnFirstSignIn;
  world.scheduled_changes[{kCustomer, "waits"}] = {.customer_id = kCustomer,
                                                   .change_id = "waits",
                                                   .subscription_id = "runs",
                                                   .effective_date = kToday + 5,
                                                   .expiration_notice_days = 7};
  world.pools[{kPartner, "hosted-email-security"}] = {
      .partner_id = kPartner, .product_id = "hosted-email-security", .total = 100};
  world.registration_keys[{"key", ""}] = {.key_id = "key",
                                          .partner_id = kPartner,
                                          .service_plan_id = "hes-annual",
                                          .units = {{"hosted-email-security", "5"}},
                                          .expire_date = kToday + 30};
  world.api_keys[{"api-key", ""}] = {
      .key_id = "api-key", .partner_id = kPartner, .expire_time = absl::FromCivil(kToday + 30, absl::UTCTimeZone())};
  return world;
}

model::Customer AnotherCustomer() {
  model::Customer customer = SomeWorld().customers.at({kCustomer, ""});
  customer.customer_id = "bakery";
  return customer;
}

AssignServicePlanCommand Assignment() {
  return {.customer_id = kCustomer, .service_plan_id = "hes-annual", .units = {{"hosted-email-security", 5}}};
}

// Takes back that the notice became what it is.
RevertChangeCommand NoticeOfBefore() {
  model::Subscription after = SomeSubscription("runs", "wfs-standard-monthly");
  model::Subscription before = after;
  before.terms.expiration_notice_days += 1;
  RevertChangeCommand command{.customer_id = kCustomer, .etag = "", .changes = {}};
  command.changes.subscriptions = {{before, after}};
  return command;
}

std::map<Verb, Act> CatalogVerbs() {
  UpdatePartnerCommand partner = Named<UpdatePartnerCommand>(kPartner);
  partner.patch.values.display_name = "Another name";
  partner.patch.columns = {"display_name"};
  model::ServicePlan plan = *Find(TheDemoCatalog().catalog->service_plans, "cas-annual");
  plan.service_plan_id = "new";
  plan.display_name = "New";
  UpdateServicePlanCommand renamed{.service_plan_id = "cas-annual", .etag = "", .patch = {}};
  renamed.patch.values.display_name = "Renamed";
  renamed.patch.columns = {"display_name"};
  model::Product product{.product_id = "new",
                         .display_name = "New",
                         .kind = model::ProductKind::kService,
                         .unit = model::ProductUnit::kSeat};
  UpdateProductCommand better{.product_id = "cloud-app-security", .etag = "", .patch = {}};
  better.patch.values.display_name = "Better";
  better.patch.columns = {"display_name"};
  auto suite = Named<ChangeSuiteComponentsCommand>("hybrid-suite");
  suite.remove = {"cloud-app-security"};
  return {
      {Verb::kCreatePartner, Do(CreatePartner, CreatePartnerCommand{{.partner_id = "new",
                                                                     .display_name = "New",
                                                                     .tier = model::PartnerTier::kReseller,
                                                                     .parent_id = "distributor"}})},
      {Verb::kUpdatePartner, Do(UpdatePartner, partner)},
      {Verb::kSuspendPartner, Do(SuspendPartner, Named<SuspendPartnerCommand>(kPartner))},
      {Verb::kResumePartner, Do(ResumePartner, Named<ResumePartnerCommand>(kPartner))},
      {Verb::kCancelPartner, Do(CancelPartner, Named<CancelPartnerCommand>(kPartner))},
      {Verb::kCreateProduct, Do(CreateProduct, CreateProductCommand{product})},
      {Verb::kUpdateProduct, Do(UpdateProduct, better)},
      {Verb::kChangeSuiteComponents, Do(ChangeSuiteComponents, suite)},
      {Verb::kEndProductSale, Do(EndProductSale, Named<EndProductSaleCommand>("cloud-app-security"))},
      {Verb::kEndProductLife, Do(EndProductLife, Named<EndProductLifeCommand>("cloud-app-security"))},
      {Verb::kCreateServicePlan, Do(CreateServicePlan, CreateServicePlanCommand{plan})},
      {Verb::kUpdateServicePlan, Do(UpdateServicePlan, renamed)},
      {Verb::kEnableServicePlan, Do(EnableServicePlan, Named<EnableServicePlanCommand>("cas-nfr"))},
      {Verb::kDisableServicePlan, Do(DisableServicePlan, Named<DisableServicePlanCommand>("cas-annual"))},
      {Verb::kDeleteServicePlan, Do(DeleteServicePlan, Named<DeleteServicePlanCommand>("cas-annual"))},
      {Verb::kApproveServicePlan, Do(ApproveServicePlan, Named<ApproveServicePlanCommand>("suite-annual"))},
      {Verb::kUpdateLicensePool,
       Do(UpdateLicensePool, UpdateLicensePoolCommand{{kPartner, "hosted-email-security", ""}, 10})},
      {Verb::kAddLicensePoolUnits,
       Do(AddLicensePoolUnits, AddLicensePoolUnitsCommand{{kPartner, "hosted-email-security", ""}, 10})},
      {Verb::kCreateRegistrationKey,
       Do(CreateRegistrationKey, CreateRegistrationKeyCommand{.key_id = "new",
                                                              .service_plan_id = "hes-annual",
                                                              .units = {{"hosted-email-security", 5}},
                                                              .expire_date = {},
                                                              .note = ""})},
      {Verb::kUpdateRegistrationKey,
       Do(UpdateRegistrationKey,
          UpdateRegistrationKeyCommand{.id = "key", .etag = "", .units = {}, .expire_date = {}, .note = "fair"})},
      {Verb::kVoidRegistrationKey, Do(VoidRegistrationKey, Named<VoidRegistrationKeyCommand>("key"))},
  };
}

std::map<Verb, Act> CustomerVerbs() {
  UpdateCustomerCommand update{.customer_id = kCustomer, .etag = "", .patch = {}};
  update.patch.values.note = "remember";
  update.patch.columns = {"note"};
  DeleteCustomerCommand remove = Named<DeleteCustomerCommand>(kCustomer);
  remove.force = true;
  UpdateSubscriptionCommand notice = About<UpdateSubscriptionCommand>("runs");
  notice.change.expiration_notice_days = 3;
  ChangeServicePlanCommand level = About<ChangeServicePlanCommand>("runs");
  level.service_plan_id = "wfs-advanced-monthly";
  ApplyPlanUpdatesCommand updates = About<ApplyPlanUpdatesCommand>("behind");
  ReportUsageCommand usage = About<ReportUsageCommand>("runs");
  usage.used_units = 3;
  IssueLicenseTokenCommand token = About<IssueLicenseTokenCommand>("runs");
  token.signer = std::make_shared<FakeSigner>("key");
  return {
      {Verb::kCreateCustomer, Do(CreateCustomer, CreateCustomerCommand{AnotherCustomer()})},
      {Verb::kUpdateCustomer, Do(UpdateCustomer, update)},
      {Verb::kDisableCustomer, Do(DisableCustomer, Named<DisableCustomerCommand>(kCustomer))},
      {Verb::kEnableCustomer, Do(EnableCustomer, Named<EnableCustomerCommand>(kCustomer))},
      {Verb::kDeleteCustomer, Do(DeleteCustomer, remove)},
      {Verb::kUndeleteCustomer, Do(UndeleteCustomer, Named<UndeleteCustomerCommand>(kCustomer))},
      {Verb::kEraseCustomer, Do(EraseCustomer, Named<EraseCustomerCommand>(kCustomer))},
      {Verb::kAssignServicePlan, Do(AssignServicePlan, Assignment())},
      {Verb::kUpdateSubscription, Do(UpdateSubscription, notice)},
      {Verb::kChangeServicePlan, Do(ChangeServicePlan, level)},
      {Verb::kRenewSubscription, Do(RenewSubscription, About<RenewSubscriptionCommand>("runs"))},
      {Verb::kSuspendSubscription, Do(SuspendSubscription, About<SuspendSubscriptionCommand>("runs"))},
      {Verb::kUnsuspendSubscription, Do(UnsuspendSubscription, About<UnsuspendSubscriptionCommand>("rests"))},
      {Verb::kCancelSubscription, Do(CancelSubscription, About<CancelSubscriptionCommand>("runs"))},
      {Verb::kApplyPlanUpdates, Do(ApplyPlanUpdates, updates)},
      {Verb::kBatchUpdateSubscriptions,
       Do(BatchUpdateSubscriptions, BatchUpdateSubscriptionsCommand{.customer_id = kCustomer,
                                                                    .etag = "",
                                                                    .subscription_ids = {"runs"},
                                                                    .service_plan_id = "",
                                                                    .product_id = "",
                                                                    .action = CancelSubscriptionCommand()})},
      {Verb::kCancelScheduledChange, Do(CancelScheduledChange, CancelScheduledChangeCommand{kCustomer, "waits", ""})},
      {Verb::kRevertChange, Do(RevertChange, NoticeOfBefore())},
      {Verb::kActivateLicense, Do(ActivateLicense, About<ActivateLicenseCommand>("sleeps"))},
      {Verb::kDeleteUnbundledLicense, Do(DeleteUnbundledLicense, About<DeleteUnbundledLicenseCommand>("loose"))},
      {Verb::kReportUsage, Do(ReportUsage, usage)},
      {Verb::kRedeemRegistrationKey,
       Do(RedeemRegistrationKey,
          RedeemRegistrationKeyCommand{"key", "", {.customer_id = kCustomer, .service_plan_id = ""}})},
      {Verb::kIssueLicenseToken, Do(IssueLicenseToken, token)},
      {Verb::kCreateApiKey,
       Do(CreateApiKey,
          CreateApiKeyCommand{
              .key_id = "new-key", .partner_id = kPartner, .customer_id = kCustomer, .roles = {"CUSTOMER_VIEWER"}})},
      {Verb::kUpdateApiKey, Do(UpdateApiKey, UpdateApiKeyCommand{.id = {kPartner, "api-key"}, .display_name = "Till"})},
      {Verb::kRevokeApiKey, Do(RevokeApiKey, RevokeApiKeyCommand{.id = {kPartner, "api-key"}})},
  };
}

// Nothing of what else a verb may refuse is asked about here.
const std::set<std::string>& ReasonsOfState() {
  static const auto& reasons =
      *new std::set<std::string>{reason::kPartnerSuspended, reason::kPartnerCanceled, reason::kCustomerDisabled,
                                 reason::kCustomerDeleted, reason::kWrongState};
  return reasons;
}

void SetPartner(World& world, Verb verb, PartnerState state) {
  const char* id = verb == Verb::kCreatePartner ? "distributor" : kPartner;  // of a new partner, its parent
  world.MutableCatalog().partners.at({id, ""}).state = state;
}

// What the table says about these states; empty: the verb is done.
std::string ReasonIn(const Standing& row, PartnerState partner, const std::string& customer) {
  if (partner == PartnerState::kActive      ? !row.partner.active
      : partner == PartnerState::kSuspended ? !row.partner.suspended
                                            : !row.partner.canceled) {
    if (row.changes == Changes::kPartner) return reason::kWrongState;
    return partner == PartnerState::kSuspended ? reason::kPartnerSuspended : reason::kPartnerCanceled;
  }
  if (customer == "ENABLED"    ? row.customer.enabled
      : customer == "DISABLED" ? row.customer.disabled
                               : row.customer.deleted) {
    return "";
  }
  if (customer == "DELETED") return reason::kCustomerDeleted;
  return row.changes == Changes::kCustomer ? reason::kWrongState : reason::kCustomerDisabled;
}

TEST(Standing, IsAskedByEveryVerbInEveryStateOfPartnerAndCustomer) {
  std::map<Verb, Act> acts = CatalogVerbs();
  acts.merge(CustomerVerbs());
  FakeIds ids;
  const Caller caller{.actor = "test"};
  const Env env{absl::FromCivil(kToday, absl::UTCTimeZone()) + absl::Hours(12), kToday, caller, ids};
  for (const Standing& row : kStandings) {
    if (row.verb == Verb::kBatchApplyPlanUpdates) continue;  // no decision of its own: server/rpcs/plan_rollout.cc
    ASSERT_TRUE(acts.contains(row.verb)) << row.name;
    for (const PartnerState partner : {PartnerState::kActive, PartnerState::kSuspended, PartnerState::kCanceled}) {
      for (const std::string customer : {"ENABLED", "DISABLED", "DELETED"}) {
        SCOPED_TRACE(testing::Message() << row.name << ", partner " << NameOf(partner) << ", customer " << customer);
        World world = SomeWorld();
        SetPartner(world, row.verb, partner);
        model::Customer& acme = world.customers.at({kCustomer, ""});
        if (customer == "DISABLED") acme.state = CustomerState::kDisabled;
        const int days = row.verb == Verb::kEraseCustomer ? 31 : 1;  // so that it is not too early
        if (customer == "DELETED") acme.delete_time = env.now - days * absl::Hours(24);
        if (row.verb == Verb::kEnableServicePlan) {
          world.MutableCatalog().service_plans.at({"cas-nfr", ""}).enabled = false;
        }
        if (row.verb == Verb::kApproveServicePlan) {
          world.MutableCatalog().products.at({"worry-free-services-suite", ""}).components.pop_back();
        }
        const absl::Status status = acts.at(row.verb)(world, env);
        const std::string expected = ReasonIn(row, partner, customer);
        if (!expected.empty()) {
          EXPECT_EQ(RefusalOf(status).reason, expected) << status;
        } else {
          // Where it is done, it is done: but for what a license is when its customer is disabled.
          EXPECT_FALSE(ReasonsOfState().contains(RefusalOf(status).reason)) << status;
          EXPECT_TRUE(status.ok()) << status;
        }
      }
    }
  }
}

TEST(Standing, OfADeletedCustomerIsDeletedWhateverElseItIs) {
  model::Customer customer{.state = CustomerState::kDisabled, .delete_time = absl::UnixEpoch()};
  EXPECT_EQ(StandingOf(customer), "DELETED");
  customer.delete_time.reset();
  EXPECT_EQ(StandingOf(customer), "DISABLED");
}

}  // namespace
}  // namespace lmp::domain

// Random histories on a real database: any verb, sensible or not, on a few customers, with a clock that moves, a worker that
// comes or does not, and requests that are sent twice. After each step the invariants of the touched rows are recomputed by
// SQL, and what a preview said must be, row by row, what then happened.
//   LMP_RANDOM_STEPS=1000000 LMP_RANDOM_SEED=7 random_history_test      runs for hours, or plays a failure again
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>
#include <regex>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/domain/catalogue_verbs.h"
#include "server/domain/customer_verbs.h"
#include "server/domain/license_verbs.h"
#include "server/domain/partner_verbs.h"
#include "server/domain/plan_updates.h"
#include "server/domain/pool_verbs.h"
#include "server/domain/registration_key.h"
#include "server/domain/subscription_batch.h"
#include "server/workers/time_worker.h"
#include "storage/events.h"
#include "tests/domain/demo_catalogue.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::IsEmpty;

int64_t Setting(const char* name, int64_t fallback) {
  const char* text = std::getenv(name);
  int64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : fallback;
}

// Ids in order, so that a preview and what then happens list new rows alike.
class CountingIds final : public domain::IdSource {
 public:
  std::string NewId(absl::Time) override { return absl::StrCat("id-", absl::Dec(++last_, absl::kZeroPad12)); }
  std::string NewActivationCode() override { return absl::StrCat("CODE-", absl::Dec(++last_, absl::kZeroPad12)); }

 private:
  std::atomic<int64_t> last_ = 0;
};

// Server-made ids replaced by their order of appearance.
std::string Normalised(const std::string& text) {
  static const std::regex id("(id|CODE)-[0-9]{12}");
  std::map<std::string, int> seen;
  std::string out;
  auto from = text.begin();
  for (std::sregex_iterator it(text.begin(), text.end(), id), end; it != end; ++it) {
    out.append(from, text.begin() + it->position());
    absl::StrAppend(&out, "#", seen.emplace(it->str(), static_cast<int>(seen.size())).first->second);
    from = text.begin() + it->position() + it->length();
  }
  return out.append(from, text.end());
}

// What a decision changed: a line for each row.
std::string Describe(const Decided& decided) {
  std::string text;
  for (const model::Event& event : storage::EventsOf(decided.changes, {})) {
    absl::StrAppend(&text, event.row_table, " ", event.key1, " ", event.key2, "\t", event.before.value_or("none"), "\t",
                    event.after, "\n");
  }
  return text;
}

class RandomHistoryTest : public EngineTest {
 protected:
  RandomHistoryTest()
      : engine_(database_, cache_, counting_ids_, {.batches = {.workers = 1}, .clock = [this] { return Now(); }}),
        worker_(database_, engine_, [this] { return Now(); }) {}

  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  bool Chance(int percent) { return Below(100) < percent; }
  template <class T>
  T AnyOf(const std::vector<T>& values) {
    return values.empty() ? T() : values[static_cast<size_t>(Below(static_cast<int>(values.size())))];
  }
  model::Date Today() const { return absl::ToCivilDay(Now(), absl::UTCTimeZone()); }
  std::string Customer() { return AnyOf(customers_); }
  // A row of the customer's, mostly one that still counts; rarely one that is not there.
  std::string IdOf(const std::string& table, const std::string& column, const std::string& customer, const std::string& live) {
    if (Chance(2)) return "not-there";
    const std::string all = absl::StrCat("SELECT ", column, " FROM ", table, " WHERE customer_id = '", customer, "'");
    const std::vector<std::string> some = Texts(absl::StrCat(all, " AND ", live));
    return AnyOf(some.empty() || Chance(10) ? Texts(all) : some);
  }
  std::string Subscription(const std::string& customer) {
    return IdOf("subscriptions", "subscription_id", customer, "state IN ('ACTIVE', 'SUSPENDED')");
  }
  std::string License(const std::string& customer) { return IdOf("licenses", "license_id", customer, "closed = 0"); }

  domain::CrossgradeChoice Crossgrade() {
    domain::CrossgradeChoice choice{.mode = static_cast<domain::CrossgradeMode>(Below(4)),
                                    .expiration = static_cast<domain::CrossgradeExpiration>(Below(3))};
    if (Chance(50)) choice.mode = domain::CrossgradeMode::kAutomatic;
    if (choice.mode == domain::CrossgradeMode::kExplicit) {
      for (const char* product : {"worry-free-business-security", "endpoint-encryption"}) {
        if (Chance(50)) choice.resolutions[product] = static_cast<domain::Resolution>(1 + Below(2));
      }
    }
    return choice;
  }
  domain::AssignServicePlanCommand Assignment(const std::string& customer, const std::string& plan) {
    domain::AssignServicePlanCommand command{.customer_id = customer, .service_plan_id = plan, .crossgrade = Crossgrade()};
    const model::ServicePlan* found = Find(domain::TheDemoCatalogue().catalogue->service_plans, plan);
    for (const std::string& product : Texts("SELECT j.id FROM service_plans, JSON_TABLE(components, '$[*]' COLUMNS (id "
                                            "VARCHAR(63) PATH '$')) AS j WHERE service_plan_id = '" + plan + "'")) {
      if (found != nullptr && !found->terms.nfr) command.units[product] = 1 + Below(Chance(95) ? 30 : 2000);
    }
    if (Chance(30)) command.start_date = Today() + Below(80) - 40;
    if (Chance(10)) command.align_subscription = Subscription(customer);
    if (Chance(5)) command.align_date = Today() + Below(500) - 10;
    return command;
  }
  domain::TermsChange Terms() {
    domain::TermsChange change;
    if (Chance(60)) change.units[AnyOf(products_)] = 1 + Below(40);
    if (Chance(30)) change.expiration_date = Today() + Below(400) - 20;
    if (Chance(40)) change.auto_renewal = Chance(60);
    if (Chance(20)) change.renewal_term_months = 1 + Below(14);
    if (Chance(20)) change.expiration_notice_days = Below(60);
    return change;
  }

  // A verb with its command, to be run as a preview or for real.
  struct Step {
    std::string text;
    std::function<Mutation()> make;
  };
  template <class Command, class Result>
  Step StepOf(const char* verb, const std::string& about, const Command& command,
              absl::StatusOr<Result> (*decide)(model::World&, const Command&, const domain::Env&)) {
    return {absl::StrCat(verb, " ", about), [=] {
              Mutation mutation;
              mutation.caller = {.actor = "random"};
              mutation.method = verb;
              mutation.event_kind = verb;
              mutation.request_id = server::NewUuid();
              mutation.fingerprint = FingerprintOf(verb);
              mutation.footprint = command.footprint();
              mutation.decide = [=](model::World& world, const domain::Env& env) -> absl::StatusOr<Render> {
                RETURN_IF_ERROR(decide(world, command, env).status());
                return Render(Describe);
              };
              return mutation;
            }};
  }
  template <class Command>
  Command OfSubscription(const std::string& customer) {
    Command command;
    command.customer_id = customer;
    command.subscription_id = Subscription(customer);
    return command;
  }

  Step SubscriptionStep(const std::string& customer);
  Step CustomerStep(const std::string& customer);
  Step CatalogueStep();
  Step RandomStep() {
    const std::string customer = Customer();
    const int kind = Below(100);
    if (kind < 30) {
      const std::string plan = AnyOf(plans_);
      return StepOf("Assign", absl::StrCat(customer, " ", plan), Assignment(customer, plan), domain::AssignServicePlan);
    }
    if (kind < 75) return SubscriptionStep(customer);
    if (kind < 92) return CustomerStep(customer);
    return CatalogueStep();
  }

  void Play(const Step& step);
  void CheckInvariants();
  void MoveTime();

  CountingIds counting_ids_;
  WriteEngine engine_;
  server::TimeWorker worker_;
  std::mt19937_64 random_;
  std::vector<std::string> customers_, plans_, products_;
  std::set<std::string> codes_;  // activation codes that exist
  int accepted_ = 0, refused_ = 0;
};

RandomHistoryTest::Step RandomHistoryTest::SubscriptionStep(const std::string& customer) {
  switch (Below(11)) {
    case 0:
    case 1: {
      auto command = OfSubscription<domain::UpdateSubscriptionCommand>(customer);
      command.change = Terms();
      if (Chance(50)) command.effective_date = Today() + Below(200);
      return StepOf("Update", customer, command, domain::UpdateSubscription);
    }
    case 2: {
      auto command = OfSubscription<domain::RenewSubscriptionCommand>(customer);
      if (Chance(30)) command.term_months = Below(68);
      if (Chance(20)) command.expiration_date = Today() + Below(900);
      return StepOf("Renew", customer, command, domain::RenewSubscription);
    }
    case 3: {
      auto command = OfSubscription<domain::SuspendSubscriptionCommand>(customer);
      if (Chance(30)) command.suspend_date = Today() + Below(40) - 5;
      return StepOf("Suspend", customer, command, domain::SuspendSubscription);
    }
    case 4: {
      auto command = OfSubscription<domain::UnsuspendSubscriptionCommand>(customer);
      if (Chance(30)) command.expiration_date = Today() + Below(40) - 5;
      return StepOf("Unsuspend", customer, command, domain::UnsuspendSubscription);
    }
    case 5:
      return StepOf("Cancel", customer, OfSubscription<domain::CancelSubscriptionCommand>(customer), domain::CancelSubscription);
    case 6: {
      auto command = OfSubscription<domain::ChangeServicePlanCommand>(customer);
      command.service_plan_id = AnyOf(plans_);
      return StepOf("ChangePlan", customer, command, domain::ChangeServicePlan);
    }
    case 7: {
      domain::CancelScheduledChangeCommand command{.customer_id = customer};
      command.change_id = IdOf("scheduled_changes", "change_id", customer, "state = 'PENDING'");
      return StepOf("CancelChange", customer, command, domain::CancelScheduledChange);
    }
    case 8:
    case 9: {
      auto command = OfSubscription<domain::ApplyPlanUpdatesCommand>(customer);
      const auto behind = Texts("SELECT subscription_id FROM subscriptions s JOIN service_plans p USING (service_plan_id) WHERE "
                                "s.components <> p.components AND s.state = 'ACTIVE' AND s.customer_id = '" + customer + "'");
      if (!behind.empty()) command.subscription_id = AnyOf(behind);
      command.crossgrade = Crossgrade();
      return StepOf("ApplyPlanUpdates", customer, command, domain::ApplyPlanUpdates);
    }
    default: {
      domain::BatchUpdateSubscriptionsCommand command{.customer_id = customer};
      if (Chance(30)) command.product_id = AnyOf(products_);
      if (Chance(20)) command.subscription_ids = {Subscription(customer), Subscription(customer)};
      switch (Below(5)) {
        case 0: {
          domain::UpdateSubscriptionCommand update;
          update.change = Terms();
          command.action = update;
          break;
        }
        case 1:
          command.action = domain::RenewSubscriptionCommand{};
          break;
        case 2:
          command.action = domain::SuspendSubscriptionCommand{};
          break;
        case 3:
          command.action = domain::UnsuspendSubscriptionCommand{};
          break;
        default:
          if (Chance(20)) command.action = domain::CancelSubscriptionCommand{};
      }
      return StepOf("Batch", customer, command, domain::BatchUpdateSubscriptions);
    }
  }
}

RandomHistoryTest::Step RandomHistoryTest::CustomerStep(const std::string& customer) {
  domain::LicenseCommand license;
  license.customer_id = customer;
  license.license_id = License(customer);
  switch (Below(10)) {
    case 0:
      return StepOf("Activate", customer, domain::ActivateLicenseCommand{license}, domain::ActivateLicense);
    case 1:
      return StepOf("DeleteUnbundled", customer, domain::DeleteUnbundledLicenseCommand{license}, domain::DeleteUnbundledLicense);
    case 2: {
      domain::ReportUsageCommand command{license};
      command.used_units = Below(60);
      return StepOf("ReportUsage", customer, command, domain::ReportUsage);
    }
    case 3:
      return StepOf("Disable", customer, domain::DisableCustomerCommand{{.id = customer}}, domain::DisableCustomer);
    case 4:
    case 5:
      return StepOf("Enable", customer, domain::EnableCustomerCommand{{.id = customer}}, domain::EnableCustomer);
    case 6:
      return Chance(80) ? StepOf("Undelete", customer, domain::UndeleteCustomerCommand{{.id = customer}}, domain::UndeleteCustomer)
                        : StepOf("Delete", customer, domain::DeleteCustomerCommand{{.id = customer}, Chance(50)}, domain::DeleteCustomer);
    case 7: {
      const std::string plan = AnyOf(plans_);
      return StepOf("CreateKey", plan,
                    domain::CreateRegistrationKeyCommand{.key_id = counting_ids_.NewId(Now()), .service_plan_id = plan,
                                                         .units = Assignment(customer, plan).units},
                    domain::CreateRegistrationKey);
    }
    case 8: {
      domain::VoidRegistrationKeyCommand command{.id = AnyOf(Texts("SELECT key_id FROM registration_keys"))};
      if (Chance(70)) break;
      return StepOf("VoidKey", command.id, command, domain::VoidRegistrationKey);
    }
    default:
      break;
  }
  domain::RedeemRegistrationKeyCommand command{.assignment = {.customer_id = customer, .crossgrade = Crossgrade()}};
  const auto issued = Texts("SELECT key_id FROM registration_keys WHERE state = 'ISSUED'");
  command.key_id = AnyOf(issued.empty() || Chance(10) ? Texts("SELECT key_id FROM registration_keys") : issued);
  return StepOf("RedeemKey", customer, command, domain::RedeemRegistrationKey);
}

RandomHistoryTest::Step RandomHistoryTest::CatalogueStep() {
  switch (Below(9)) {
    case 0:
    case 1: {
      domain::ChangeSuiteComponentsCommand command;
      command.id = AnyOf<std::string>({"worry-free-services-suite", "worry-free-with-xdr", "hybrid-suite"});
      (Chance(50) ? command.add : command.remove) = {AnyOf(products_)};
      return StepOf("ChangeSuite", command.id, command, domain::ChangeSuiteComponents);
    }
    case 2:
    case 3: {
      domain::ApproveServicePlanCommand command;
      command.id = AnyOf(Texts("SELECT p.service_plan_id FROM service_plans p JOIN products s USING (product_id) "
                               "WHERE s.kind = 'SUITE'"));
      return StepOf("Approve", command.id, command, domain::ApproveServicePlan);
    }
    case 4: {
      domain::AddLicensePoolUnitsCommand command;
      command.partner_id = kPartner;
      command.product_id = AnyOf(products_);
      command.units = 1 + Below(200);
      return StepOf("AddUnits", command.product_id, command, domain::AddLicensePoolUnits);
    }
    case 5: {
      domain::UpdateLicensePoolCommand command;
      command.partner_id = kPartner;
      command.product_id = AnyOf(products_);
      command.minimum = Below(20);
      return StepOf("UpdatePool", command.product_id, command, domain::UpdateLicensePool);
    }
    case 6: {
      domain::DisableServicePlanCommand command;
      command.id = AnyOf(plans_);
      return StepOf("DisablePlan", command.id, command, domain::DisableServicePlan);
    }
    case 7: {
      domain::EnableServicePlanCommand command;
      command.id = AnyOf(plans_);
      return StepOf("EnablePlan", command.id, command, domain::EnableServicePlan);
    }
    default: {
      if (Chance(90)) return StepOf("Resume", kPartner, domain::ResumePartnerCommand{{.id = kPartner}}, domain::ResumePartner);
      return StepOf("SuspendPartner", kPartner, domain::SuspendPartnerCommand{{.id = kPartner}}, domain::SuspendPartner);
    }
  }
}

// Preview, then the real thing, and sometimes the same request again.
void RandomHistoryTest::Play(const Step& step) {
  const int64_t events = CountOf("events");
  Mutation preview = step.make();
  preview.validate_only = true;
  const Outcome foreseen = Start(engine_, std::move(preview)).get();
  ASSERT_EQ(CountOf("events"), events) << "a preview wrote something";

  const Mutation live = step.make();
  const Outcome happened = Start(engine_, live).get();
  ASSERT_EQ(foreseen.ok(), happened.ok()) << foreseen.status() << " but " << happened.status();
  if (!happened.ok()) {
    ++refused_;
    ASSERT_FALSE(ReasonOf(happened.status()).empty()) << happened.status();
    ASSERT_EQ(ReasonOf(foreseen.status()), ReasonOf(happened.status()));
    ASSERT_EQ(Normalised(std::string(foreseen.status().message())), Normalised(std::string(happened.status().message())));
    ASSERT_EQ(CountOf("events"), events) << "a refusal wrote something";
    return;
  }
  ++accepted_;
  ASSERT_EQ(Normalised(foreseen->response), Normalised(happened->response)) << "the preview said something else";
  // What the last event of each row says, is what the answer said of it.
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(happened->response, '\n', absl::SkipEmpty()))) {
    const std::vector<std::string> parts = absl::StrSplit(line, '\t');
    const std::vector<std::string> row = absl::StrSplit(parts[0], ' ');
    ASSERT_THAT(Texts(absl::StrCat("SELECT after_image FROM events WHERE row_table = '", row[0], "' AND key1 = '", row[1],
                                   "' AND key2 = '", row[2], "' ORDER BY revision DESC LIMIT 1")),
                ::testing::ElementsAre(parts[2]));
  }
  if (!Chance(10)) return;
  const int64_t before = CountOf("events");
  const Outcome again = Start(engine_, live).get();
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->response, happened->response);
  ASSERT_EQ(CountOf("events"), before) << "I4: a repeated request did something";
}

void RandomHistoryTest::CheckInvariants() {
  ASSERT_THAT(Texts("SELECT CONCAT(customer_id, ' ', product_id) FROM licenses WHERE product_kind = 'SERVICE' AND closed = 0 "
                    "GROUP BY customer_id, product_id HAVING COUNT(*) > 1"),
              IsEmpty())
      << "I1";
  ASSERT_THAT(Texts("SELECT CONCAT(p.partner_id, ' ', p.product_id, ' ', p.assigned, ' of ', p.total) FROM license_pools p "
                    "WHERE p.assigned > p.total OR p.assigned <> (SELECT COALESCE(SUM(l.units), 0) FROM licenses l JOIN "
                    "customers c USING (customer_id) WHERE c.partner_id = p.partner_id AND l.product_id = p.product_id AND "
                    "l.closed = 0)"),
              IsEmpty())
      << "I2";
  ASSERT_THAT(Texts("SELECT CONCAT(customer_id, ' ', subscription_id) FROM subscriptions s WHERE pending_changes <> (SELECT "
                    "COUNT(*) FROM scheduled_changes c WHERE c.customer_id = s.customer_id AND c.subscription_id = "
                    "s.subscription_id AND c.state = 'PENDING')"),
              IsEmpty())
      << "changes that wait";
  const auto codes = Texts("SELECT activation_code FROM licenses WHERE activation_code IS NOT NULL");
  const std::set<std::string> now(codes.begin(), codes.end());
  ASSERT_EQ(now.size(), codes.size()) << "I5: an activation code twice";
  for (const std::string& code : codes_) ASSERT_TRUE(now.contains(code)) << "I5: lost " << code;
  codes_ = now;
}

// Days go by; readers that compute what is due, and a worker that stores it, must agree.
void RandomHistoryTest::MoveTime() {
  SetNow(Now() + absl::Hours(24 * (Chance(3) ? 365 : Below(40))) + absl::Minutes(Below(600)));
  if (!Chance(60)) return;
  const auto reads = NewReadEngine({.workers = 1});
  const auto seen = [&] {
    std::string all;
    for (const std::string& customer : customers_) {
      const auto answer = Start(*reads, Query{.footprint = {.customers = {customer}},
                                              .answer = [](const model::World& world, const domain::Env&)
                                                  -> absl::StatusOr<std::string> {
                                                std::string rows;
                                                for (const auto& [key, row] : world.licenses) {
                                                  absl::StrAppend(&rows, key.second, " ", row.product_id, " ", row.units, " ",
                                                                  absl::FormatCivilTime(row.expiration_date), " ", row.closed,
                                                                  " ", row.stamp.revision, "\n");
                                                }
                                                return rows;
                                              }}).get();
      absl::StrAppend(&all, customer, "\n", answer.ok() ? *answer : answer.status().ToString());
    }
    return all;
  };
  const std::string computed = seen();
  ASSERT_OK(worker_.RunOnce());
  ASSERT_EQ(seen(), computed) << "I6: readers and the worker disagree";
}

TEST_F(RandomHistoryTest, KeepsEveryInvariantAndDoesWhatItForesaw) {
  const int64_t steps = Setting("LMP_RANDOM_STEPS", 4000);
  const int64_t seed = Setting("LMP_RANDOM_SEED", 4711);
  std::cout << "seed " << seed << ": play it again with LMP_RANDOM_SEED=" << seed << std::endl;
  random_.seed(static_cast<uint64_t>(seed));
  for (const auto& [key, plan] : domain::TheDemoCatalogue().catalogue->service_plans) plans_.push_back(key.first);
  for (const auto& [key, product] : domain::TheDemoCatalogue().catalogue->products) {
    if (product.kind != model::ProductKind::kSuite) products_.push_back(key.first);
  }
  AddPool(kService, 150, 10);
  AddPool("worry-free-business-security", 300);
  std::vector<std::string> last;
  for (int64_t i = 0; i < steps && !HasFatalFailure(); ++i) {
    if (i % 250 == 0) {  // new customers: those of long lives have had everything
      customers_.clear();
      const Step resume = StepOf("Resume", kPartner, domain::ResumePartnerCommand{{.id = kPartner}}, domain::ResumePartner);
      Start(engine_, resume.make()).wait();  // most of the time it is not suspended
      for (int n = 0; n < 4; ++n) {
        customers_.push_back(absl::StrCat("customer-", i, "-", n));
        ASSERT_OK(Start(engine_, CreateCustomer(SomeCustomer(customers_.back()))).get());
      }
    }
    if (Chance(12)) MoveTime();
    const Step step = RandomStep();
    last.push_back(absl::StrCat(i, ": ", absl::FormatCivilTime(Today()), " ", step.text));
    if (last.size() > 40) last.erase(last.begin());
    Play(step);
    if (!HasFatalFailure()) CheckInvariants();
    if (i % 1000 == 999) {
      const std::vector<std::string> violations = Violations();
      ASSERT_THAT(violations, IsEmpty()) << "lmp-server check (I3 among others)";
    }
  }
  if (HasFatalFailure()) FAIL() << "seed " << seed << ", and before that:\n" << absl::StrJoin(last, "\n");
  std::cout << accepted_ << " accepted, " << refused_ << " refused" << std::endl;
  EXPECT_GT(accepted_, steps / 8) << "the histories are too senseless";
}

}  // namespace
}  // namespace lmp::engine

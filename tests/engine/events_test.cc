// Every change has exactly one event, and `lmp-server check` finds what does not fit.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/rows/columns.h"
#include "storage/rows/sql_rows.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EventsTest : public EngineTest {
 protected:
  struct Row {
    std::string time, actor, reason, request_id, kind, table, key, before, after;
    int64_t revision;
  };
  // Those of a request, in the order they were written.
  std::vector<Row> EventsOf(const std::string& request_id) {
    std::vector<Row> events;
    auto rows = admin_->Query(
        "SELECT event_time, actor, reason, request_id, kind, row_table, CONCAT(key1, '/', key2), "
        "COALESCE(before_image, 'none'), after_image, revision FROM events WHERE request_id = ? ORDER BY event_id",
        {request_id});
    EXPECT_OK(rows);
    while ((*rows)->Next()) {
      storage::ResultSet& r = **rows;
      events.push_back({r.String(0), r.String(1), r.String(2), r.String(3), r.String(4), r.String(5), r.String(6),
                        r.String(7), r.String(8), r.Int64(9)});
    }
    return events;
  }
};

TEST_F(EventsTest, ANewRowHasNoImageBefore) {
  Mutation create = CreateCustomer(SomeCustomer("bakery"));
  create.caller = {.actor = "anna", .reason = "signed up"};
  const std::string id = create.request_id;
  EXPECT_OK(Run(std::move(create)));
  const std::vector<Row> events = EventsOf(id);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].time, "2026-03-15 12:00:00");  // the connector leaves a fraction of zero out
  EXPECT_EQ(events[0].actor, "anna");
  EXPECT_EQ(events[0].reason, "signed up");
  EXPECT_EQ(events[0].kind, "CUSTOMER_CREATED");
  EXPECT_EQ(events[0].table, "customers");
  EXPECT_EQ(events[0].key, "bakery/");
  EXPECT_EQ(events[0].revision, 1);
  EXPECT_EQ(events[0].before, "none");
  const auto image = nlohmann::json::parse(events[0].after);
  EXPECT_EQ(image["display_name"], "Bakery \"Müller\" 🥐");
  EXPECT_EQ(image["annotations"]["erp"], "47\\\"11");
  EXPECT_FALSE(image.contains("external_id"));  // it has none, as a new row
  EXPECT_EQ(image["revision"], 1);
}

TEST_F(EventsTest, AChangedRowHasBothImagesAndTheNextRevision) {
  AddCustomers(1);
  Mutation update = UpdateNote("customer-1", "pays late");
  const std::string id = update.request_id;
  EXPECT_OK(Run(std::move(update)));
  const std::vector<Row> events = EventsOf(id);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].revision, 2);
  auto before = nlohmann::json::parse(events[0].before), after = nlohmann::json::parse(events[0].after);
  EXPECT_FALSE(before.contains("note"));
  EXPECT_EQ(before["revision"], 1);
  EXPECT_EQ(after["note"], "pays late");
  // Nothing else differs.
  before["note"] = after["note"], before["revision"] = after["revision"];
  EXPECT_EQ(before, after);
}

TEST_F(EventsTest, AnAssignmentHasOneForEachRowItMakesOrChanges) {
  AddPool(kService, 20);
  AddCustomers(1);
  EXPECT_OK(Run(AssignService("customer-1")));
  Mutation assign = Assign("customer-1", kSuitePlan, kSuiteUnits, domain::CrossgradeMode::kAutomatic);
  const std::string id = assign.request_id;
  const int64_t all = CountOf("events");
  EXPECT_OK(Run(std::move(assign)));
  const std::vector<Row> events = EventsOf(id);
  EXPECT_EQ(CountOf("events") - all, static_cast<int64_t>(events.size()));
  std::map<std::string, int> made, changed;
  for (const Row& event : events) {
    EXPECT_EQ(event.kind, "SERVICE_PLAN_ASSIGNED");
    EXPECT_EQ(event.reason, "the test says so");
    ++(event.before == "none" ? made : changed)[event.table];
  }
  EXPECT_EQ(made, (std::map<std::string, int>{{"licenses", 2}, {"subscriptions", 1}}));
  EXPECT_EQ(changed, (std::map<std::string, int>{{"license_pools", 1}, {"licenses", 1}, {"subscriptions", 1}}));
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(EventsTest, ACommandThatChangesNothingHasNone) {
  AddCustomers(1);
  EXPECT_OK(Run(UpdateNote("customer-1", "same")));
  const int64_t events = CountOf("events");
  EXPECT_OK(Run(UpdateNote("customer-1", "same")));
  EXPECT_EQ(CountOf("events"), events);
  EXPECT_THAT(Texts("SELECT revision FROM customers"), ElementsAre("2"));
}

// A history of many kinds, to be corrupted.
class CheckTest : public EventsTest {
 protected:
  CheckTest() {
    AddPool(kService, 20);
    AddCustomers(3);
    for (const char* customer : {"customer-1", "customer-2"}) EXPECT_OK(Run(AssignService(customer)));
    EXPECT_OK(Run(Assign("customer-1", kSuitePlan, kSuiteUnits, domain::CrossgradeMode::kAutomatic)));
    EXPECT_OK(Run(Assign("customer-3", "wfbs-annual", {{"worry-free-business-security", 5}})));
    EXPECT_OK(Run(UpdateGracePeriod(kServicePlan, 60)));
    EXPECT_OK(Run(Custom({.service_plans = {kServicePlan}, .customers = {"customer-3"}}, [](model::World& world,
                                                                                            const domain::Env& env) {
      const model::License& license = Range(world.licenses, "customer-3").begin()->second;
      world.scheduled_changes[{"customer-3", "change"}] = {.customer_id = "customer-3",
                                                           .change_id = "change",
                                                           .subscription_id = *license.subscription_id,
                                                           .effective_date = env.today + 10};
      world.license_tokens[{"customer-3", "token"}] = {.customer_id = "customer-3",
                                                       .token_id = "token",
                                                       .license_id = license.license_id,
                                                       .grace_end_date = license.grace_end_date,
                                                       .issue_time = env.now,
                                                       .expire_time = env.now};
      world.registration_keys[{"key", ""}] = {
          .key_id = "key", .partner_id = kPartner, .service_plan_id = kServicePlan, .expire_date = env.today + 1};
      return absl::OkStatus();
    })));
  }
  void Corrupt(const std::string& sql) { EXPECT_OK(admin_->Execute(sql)) << sql; }
};

TEST_F(CheckTest, FindsNothingInAHealthyDatabase) { EXPECT_THAT(Violations(), IsEmpty()); }

TEST_F(CheckTest, FindsARowThatWasChangedWithoutAnEvent) {
  Corrupt("UPDATE customers SET note = 'sneaked in' WHERE customer_id = 'customer-2'");
  EXPECT_THAT(Violations(), ElementsAre(AllOf(HasSubstr("I3"), HasSubstr("customers customer-2"))));
}

TEST_F(CheckTest, FindsSuchARowInEveryTable) {
  Corrupt("UPDATE partners SET display_name = 'x' WHERE partner_id = 'msp-two'");
  Corrupt("UPDATE products SET display_name = 'x' WHERE product_id = 'endpoint-encryption'");
  Corrupt("UPDATE service_plans SET data_center = 'x' WHERE service_plan_id = 'cas-trial'");
  Corrupt("UPDATE subscriptions SET display_name = 'x' WHERE customer_id = 'customer-3'");
  Corrupt("UPDATE licenses SET used_units = 3 WHERE customer_id = 'customer-3'");
  Corrupt("UPDATE scheduled_changes SET outcome = 'x'");
  Corrupt("UPDATE license_pools SET minimum = 1");
  Corrupt("UPDATE registration_keys SET note = 'x'");
  Corrupt("UPDATE license_tokens SET units = 3");
  EXPECT_THAT(Violations(),
              ElementsAre(HasSubstr("partners msp-two"), HasSubstr("products endpoint-encryption"),
                          HasSubstr("service_plans cas-trial"), HasSubstr("subscriptions customer-3/"),
                          HasSubstr("licenses customer-3/"), HasSubstr("scheduled_changes customer-3/change"),
                          HasSubstr("license_pools msp-one/"), HasSubstr("registration_keys key"),
                          HasSubstr("license_tokens customer-3/token")));
}

TEST_F(CheckTest, FindsAMissingEvent) {
  Corrupt("DELETE FROM events WHERE row_table = 'service_plans' AND key1 = 'cas-annual' AND revision = 1");
  EXPECT_THAT(Violations(), ElementsAre(AllOf(HasSubstr("I3"), HasSubstr("service_plans cas-annual"))));
}

TEST_F(CheckTest, FindsThatTheLastEventIsMissing) {
  Corrupt("DELETE FROM events WHERE row_table = 'service_plans' AND key1 = 'cas-annual' AND revision = 2");
  EXPECT_THAT(Violations(), ElementsAre(AllOf(HasSubstr("I3"), HasSubstr("service_plans cas-annual"))));
}

TEST_F(CheckTest, FindsAnEventTooMany) {
  Corrupt(
      "INSERT INTO events (event_time, actor, reason, request_id, kind, row_table, key1, key2, revision, after_image) "
      "SELECT event_time, actor, reason, request_id, kind, row_table, key1, key2, 3, after_image FROM events WHERE "
      "row_table = 'service_plans' AND key1 = 'cas-annual' AND revision = 2");
  EXPECT_THAT(Violations(), ElementsAre(AllOf(HasSubstr("I3"), HasSubstr("service_plans cas-annual"))));
}

TEST_F(CheckTest, FindsAnEventThatWasRewritten) {
  Corrupt(
      "UPDATE events SET before_image = REPLACE(before_image, 'cas-annual', 'cas-monthly') WHERE row_table = "
      "'service_plans' AND "
      "key1 = 'cas-annual' AND revision = 2");
  EXPECT_THAT(Violations(), ElementsAre(AllOf(HasSubstr("I3"), HasSubstr("service_plans cas-annual"))));
}

// Versions before this one wrote every field into an image.
TEST_F(CheckTest, TakesAnImageWithMoreInItForTheSame) {
  Corrupt(
      "UPDATE events SET after_image = CONCAT('{\"industry\":\"\",', SUBSTR(after_image, 2)) WHERE row_table = "
      "'customers' AND "
      "key1 = 'customer-2'");
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_F(CheckTest, FindsAPoolWhoseSumIsWrong) {
  Corrupt("UPDATE license_pools SET assigned = assigned - 1");
  EXPECT_THAT(Violations(), ElementsAre(AllOf(HasSubstr("I3"), HasSubstr("license_pools")),
                                        AllOf(HasSubstr("I2"), HasSubstr("says 10"), HasSubstr("have 11"))));
}

TEST_F(CheckTest, FindsTwoLiveLicensesOfAService) {
  Corrupt("ALTER TABLE licenses DROP FOREIGN KEY licenses_customer_fk");
  Corrupt("ALTER TABLE licenses DROP INDEX licenses_service_slot");
  // A twin with a history of its own, so that nothing else is wrong with it.
  model::Rows<model::License> rows;
  EXPECT_OK(storage::LoadByFirstKey<model::License>(*admin_, {"customer-2"}, "", rows));
  ASSERT_EQ(rows.size(), 1U);
  model::License twin = rows.begin()->second;
  twin.license_id = "twin";
  twin.stamp.revision = 1;
  EXPECT_OK(storage::InsertRows<model::License>(*admin_, {&twin}));
  EXPECT_OK(admin_->Update(
      "INSERT INTO events (event_time, actor, reason, request_id, kind, row_table, key1, key2, revision, "
      "after_image) VALUES (?, '', '', '', 'X', 'licenses', 'customer-2', 'twin', 1, ?)",
      {std::string("2026-03-15"), storage::ImageOf(twin)}));
  Corrupt("UPDATE license_pools SET assigned = 12");
  EXPECT_THAT(Violations(), ElementsAre(AllOf(HasSubstr("I1"), HasSubstr("customers/customer-2/licenses/twin")),
                                        AllOf(HasSubstr("I3"), HasSubstr("license_pools"))));
}

}  // namespace
}  // namespace lmp::engine

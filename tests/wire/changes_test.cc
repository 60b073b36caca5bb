// The `changes` of a validate_only answer say what would change, field by field.
#include "server/wire/changes.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/ids.h"
#include "storage/events.h"

namespace lmp::wire {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

using FieldChanges = std::map<std::string, std::pair<std::string, std::string>>;

FieldChanges FieldsOf(const v1::Change& change) {
  FieldChanges fields;
  for (const v1::FieldChange& field : change.fields()) fields[field.field()] = {field.before(), field.after()};
  EXPECT_EQ(fields.size(), static_cast<size_t>(change.fields_size()));
  return fields;
}

class ChangesTest : public ::testing::Test {
 protected:
  ChangesTest() {
    model::Customer customer;
    customer.customer_id = "bakery";
    customer.partner_id = "msp-one";
    customer.display_name = "Bakery";
    customer.contact_given_name = "Ada";
    customer.contact_email = "ada@example.com";
    before_.customers[{"bakery", ""}] = customer;
    after_ = before_;
  }

  // The changes of an answer about the worlds before and after.
  std::vector<v1::Change> Changes() {
    StampChanges(before_, after_, absl::FromUnixSeconds(1'773'576'000));
    const domain::Caller caller;
    server::SystemIds ids;
    const domain::Env env{absl::FromUnixSeconds(1'773'576'000), model::Date(2026, 3, 15), caller, ids};
    const model::ChangeSet changes = Diff(before_, after_);
    return ChangesOf({before_, after_, changes, env, storage::EventsOf(changes, {.kind = "KIND"}), {}, {}});
  }
  model::Customer& customer() { return after_.customers.begin()->second; }

  model::World before_, after_;
};

TEST_F(ChangesTest, NothingChangedIsNoChange) { EXPECT_THAT(Changes(), IsEmpty()); }

TEST_F(ChangesTest, OnlyFieldsThatDifferAreShownWithBothValues) {
  customer().note = "pays \"late\" 🥐";
  customer().display_name = "";
  customer().external_id = "erp-1";
  const auto changes = Changes();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].event_kind(), "KIND");
  EXPECT_EQ(changes[0].resource(), "customers/bakery");
  EXPECT_FALSE(changes[0].created());
  EXPECT_THAT(FieldsOf(changes[0]),
              ElementsAre(Pair("display_name", Pair("\"Bakery\"", "")), Pair("external_id", Pair("", "\"erp-1\"")),
                          Pair("note", Pair("", "\"pays \\\"late\\\" 🥐\""))));
}

TEST_F(ChangesTest, ANestedFieldIsShownAlone) {
  customer().contact_email = "bob@example.com";
  customer().contact_family_name = "Bobson";
  const auto changes = Changes();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_THAT(FieldsOf(changes[0]),
              ElementsAre(Pair("contact.email", Pair("\"ada@example.com\"", "\"bob@example.com\"")),
                          Pair("contact.family_name", Pair("", "\"Bobson\""))));
}

TEST_F(ChangesTest, ListsAndMapsAreShownWhole) {
  customer().emergency_emails = {"a@b", "c@d"};
  customer().annotations = {{"k", "v"}};
  const auto changes = Changes();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_THAT(FieldsOf(changes[0]), ElementsAre(Pair("annotations", Pair("", "{\"k\":\"v\"}")),
                                                Pair("emergency_emails", Pair("", "[\"a@b\",\"c@d\"]"))));
}

TEST_F(ChangesTest, ANewResourceShowsAllItHas) {
  model::Customer created = customer();
  created.customer_id = "butcher";
  after_.customers[KeyOf(created)] = created;
  const auto changes = Changes();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_TRUE(changes[0].created());
  EXPECT_EQ(changes[0].resource(), "customers/butcher");
  EXPECT_THAT(FieldsOf(changes[0]),
              ElementsAre(Pair("contact.email", Pair("", "\"ada@example.com\"")),
                          Pair("contact.given_name", Pair("", "\"Ada\"")), Pair("display_name", Pair("", "\"Bakery\"")),
                          Pair("partner", Pair("", "\"partners/msp-one\"")), Pair("state", Pair("", "\"ENABLED\""))));
}

TEST_F(ChangesTest, ALicenseShowsDatesAndWhatFollowsFromThem) {
  model::License license;
  license.customer_id = "bakery";
  license.license_id = "l1";
  license.product_id = "cas";
  license.product_kind = model::ProductKind::kService;
  license.units = 5;
  license.start_date = model::Date(2026, 1, 1);
  license.expiration_date = license.grace_end_date = model::Date(2026, 3, 1);
  before_.licenses[KeyOf(license)] = license;
  license.units = 7;
  license.expiration_date = license.grace_end_date = model::Date(2027, 3, 1);
  after_.licenses[KeyOf(license)] = license;
  const auto changes = Changes();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].resource(), "customers/bakery/licenses/l1");
  const FieldChanges fields = FieldsOf(changes[0]);
  EXPECT_EQ(fields.size(), 4U);
  EXPECT_EQ(fields.at("units"), std::pair(std::string("5"), std::string("7")));
  EXPECT_EQ(fields.at("state"), std::pair(std::string("\"EXPIRED\""), std::string("\"ACTIVE\"")));
  EXPECT_EQ(fields.at("expiration_date").second, "{\"year\":2027,\"month\":3,\"day\":1}");
  EXPECT_THAT(fields, Contains(Key("grace_end_date")));
}

TEST_F(ChangesTest, BookkeepingIsLeftOut) {
  customer().note = "x";
  const FieldChanges fields = FieldsOf(Changes()[0]);
  for (const char* name : {"etag", "create_time", "update_time", "name", "changes"}) {
    EXPECT_THAT(fields, Not(Contains(Key(name))));
  }
}

TEST_F(ChangesTest, APoolShowsItsUnits) {
  model::LicensePool pool{.partner_id = "msp-one", .product_id = "cas", .total = 10, .assigned = 1};
  before_.pools[KeyOf(pool)] = pool;
  pool.assigned = 6;
  after_.pools[KeyOf(pool)] = pool;
  const auto changes = Changes();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].resource(), "partners/msp-one/licensePools/cas");
  EXPECT_THAT(FieldsOf(changes[0]), ElementsAre(Pair("assigned_units", Pair("1", "6"))));
}

TEST_F(ChangesTest, CatalogChangesAreShownToo) {
  model::Catalog& catalog = after_.MutableCatalog();
  catalog.partners[{"msp-one", ""}] = {.partner_id = "msp-one", .display_name = "MSP"};
  catalog.products[{"cas", ""}] = {.product_id = "cas", .display_name = "CAS", .kind = model::ProductKind::kService};
  catalog.service_plans[{"plan", ""}] = {.service_plan_id = "plan", .partner_id = "msp-one", .product_id = "cas"};
  std::vector<std::string> resources;
  for (const v1::Change& change : Changes()) resources.push_back(change.resource());
  EXPECT_THAT(resources, ElementsAre("partners/msp-one", "products/cas", "servicePlans/plan"));
}

}  // namespace
}  // namespace lmp::wire

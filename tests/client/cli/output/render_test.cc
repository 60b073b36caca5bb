#include "client/cli/output/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/cli/output/change_text.h"
#include "tests/client/cli/cli_fixture.h"

namespace lmp::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Details(const google::protobuf::Message& message) {
  std::ostringstream out;
  RenderDetails(message, {}, out);
  return out.str();
}

std::string ChangeText(const v1::Change& change) {
  std::ostringstream out;
  RenderChange(change, out);
  return out.str();
}

v1::FieldChange Field(const std::string& name, const std::string& before, const std::string& after) {
  v1::FieldChange change;
  change.set_field(name);
  change.set_before(before);
  change.set_after(after);
  return change;
}

TEST(RenderDetails, ShowsWhatIsSetOneFieldALine) {
  v1::Customer customer = Customer("customers/bakery", "The Bakery");
  customer.mutable_contact()->set_email("ada@bakery.example");
  EXPECT_EQ(Details(customer),
            "name           customers/bakery\n"
            "partner        partners/msp\n"
            "display_name   The Bakery\n"
            "city           Bonn\n"
            "country        DE\n"
            "contact.email  ada@bakery.example\n"
            "state          ENABLED\n");
}

TEST(RenderDetails, ShowsLicensesOfASubscriptionAsATable) {
  v1::Subscription subscription;
  subscription.set_name("customers/b/subscriptions/s1");
  *subscription.add_licenses() = License("customers/b/licenses/l1", "products/cas", 25, 2027);
  EXPECT_THAT(
      Details(subscription),
      HasSubstr("\nlicenses:\n"
                "NAME                     PRODUCT       UNITS  UNIT  START       EXPIRES     RENEWS  STATE\n"
                "customers/b/licenses/l1  products/cas  25     USER  2026-11-24  2027-11-24  no      ACTIVE\n"));
}

TEST(RenderDetails, ShowsNoTablesThatAreEmpty) {
  EXPECT_THAT(Details(v1::Subscription()), Not(HasSubstr("licenses")));
  EXPECT_THAT(Details(v1::Customer()), Not(HasSubstr("changes")));
}

TEST(RenderDetails, ShowsAdvisoriesAsNotesAtTheEnd) {
  v1::License license = License("customers/b/licenses/l1", "products/cas", 10, 2027);
  v1::Advisory& advisory = *license.add_advisories();
  advisory.set_code(v1::UNITS_REDUCED);
  advisory.set_resource("customers/b/licenses/l1");
  advisory.set_text("has 10 units, not 60");
  *license.add_advisories() = advisory;
  license.mutable_advisories(1)->set_code(static_cast<v1::AdvisoryCode>(99));  // of a newer server
  EXPECT_THAT(Details(license),
              testing::EndsWith("\n\nnote: UNITS_REDUCED customers/b/licenses/l1: has 10 units, not 60\n"
                                "note: 99 customers/b/licenses/l1: has 10 units, not 60\n"));
  EXPECT_THAT(Details(license), Not(HasSubstr("advisories")));
}

TEST(RenderChange, TellsNewFromChanged) {
  v1::Change change;
  change.set_event_kind("SERVICE_PLAN_ASSIGNED");
  change.set_resource("customers/bakery/licenses/l1");
  *change.add_fields() = Field("units", "10", "25");
  *change.add_fields() = Field("subscription", "", "\"customers/bakery/subscriptions/s1\"");
  *change.add_fields() = Field("data_center", "\"eu\"", "");
  EXPECT_EQ(ChangeText(change),
            "~ customers/bakery/licenses/l1  [SERVICE_PLAN_ASSIGNED]\n"
            "    units: 10 → 25, subscription: (none) → customers/bakery/subscriptions/s1,\n"
            "    data_center: eu → (none)\n");
  change.set_created(true);
  change.clear_fields();
  *change.add_fields() = Field("units", "", "25");
  *change.add_fields() = Field("start_date", "", R"({"year":2026,"month":11,"day":24})");
  EXPECT_EQ(ChangeText(change),
            "+ customers/bakery/licenses/l1  [SERVICE_PLAN_ASSIGNED]\n"
            "    units 25, start_date 2026-11-24\n");
}

TEST(ToJson, UsesTheContractsNamesAndOneShape) {
  const std::string json = ToJson(v1::CheckLicenseResponse());
  EXPECT_THAT(json, HasSubstr("\"usable\": false"));
  v1::Customer customer;
  customer.set_display_name("x");
  EXPECT_THAT(ToJson(customer), HasSubstr("\"display_name\": \"x\""));
}

TEST(RenderChange, ShowsAFalseAndAZeroAsThat) {
  v1::Change change;
  change.set_event_kind("SUBSCRIPTION_UPDATED");
  change.set_resource("customers/bakery/subscriptions/s1");
  *change.add_fields() = Field("auto_renewal", "true", "");
  *change.add_fields() = Field("expiration_notice_days", "", "30");
  *change.add_fields() = Field("replaced_by", "", "\"customers/bakery/subscriptions/s2\"");
  EXPECT_EQ(ChangeText(change),
            "~ customers/bakery/subscriptions/s1  [SUBSCRIPTION_UPDATED]\n"
            "    auto_renewal: yes → no, expiration_notice_days: 0 → 30,\n"
            "    replaced_by: (none) → customers/bakery/subscriptions/s2\n");
  change.set_resource("customers/bakery/scheduledChanges/x1");
  change.clear_fields();
  *change.add_fields() = Field("auto_renewal", "", "false");  // an optional one: nothing is not false
  *change.add_fields() = Field("units", "", R"([{"product":"products/cas","units":60}])");
  EXPECT_THAT(ChangeText(change), HasSubstr("    auto_renewal: (none) → no, units: (none) → cas=60\n"));
}

TEST(ToJson, EscapesWhatDoesSomethingToATerminal) {
  v1::Customer customer;
  customer.set_display_name("a\u202eb\u2067c\u009bd\U000E0041e\u2028Ü東");
  EXPECT_THAT(ToJson(customer), HasSubstr("\"a\\u202eb\\u2067c\\u009bd\\udb40\\udc41e\\u2028Ü東\""));
}

TEST(ToJson, OfNoItemsIsAnEmptyArray) { EXPECT_EQ(ToJson(MessageList()), "[]"); }

}  // namespace
}  // namespace lmp::cli

#include "client/cli/output/field_text.h"

#include <gtest/gtest.h>

#include "client/cli/contract/field_value.h"
#include "client/cli/output/json_text.h"
#include "lmp/v1/customer.pb.h"
#include "lmp/v1/license.pb.h"
#include "tests/client/cli/cli_fixture.h"

namespace lmp::cli {
namespace {

TEST(PathText, ShowsEachKindOfFieldAsAPersonReadsIt) {
  v1::License license = License("customers/a/licenses/l", "products/cas", 25, 2027);
  license.mutable_create_time()->set_seconds(1'795'497'360);
  EXPECT_EQ(PathText(license, "units"), "25");
  EXPECT_EQ(PathText(license, "state"), "ACTIVE");
  EXPECT_EQ(PathText(license, "expiration_date"), "2027-11-24");
  EXPECT_EQ(PathText(license, "create_time"), "2026-11-24T05:16:00Z");
  EXPECT_EQ(PathText(license, "trial"), "no");
  v1::Customer customer;
  customer.mutable_contact()->set_email("ada@bakery.example");
  customer.add_emergency_emails("a@b");
  customer.add_emergency_emails("c@d");
  (*customer.mutable_annotations())["k"] = "v";
  EXPECT_EQ(PathText(customer, "contact.email"), "ada@bakery.example");
  EXPECT_EQ(PathText(customer, "emergency_emails"), "a@b, c@d");
  EXPECT_EQ(PathText(customer, "annotations"), "k=v");
}

TEST(PathText, IsEmptyForWhatIsNotSetButShowsAZeroThatIs) {
  v1::License license;
  EXPECT_EQ(PathText(license, "used_units"), "");
  EXPECT_EQ(PathText(license, "expiration_date"), "");
  EXPECT_EQ(PathText(license, "state"), "");
  license.set_used_units(0);
  EXPECT_EQ(PathText(license, "used_units"), "0");
}

TEST(ParseDate, TakesCivilDaysOnly) {
  const auto date = ParseDate("2028-02-29");
  ASSERT_TRUE(date.ok());
  EXPECT_EQ(DateText(*date), "2028-02-29");
  for (const char* text : {"", "2027-02-29", "2027-13-01", "2027-1-1", "27-01-01", "0000-01-01", "tomorrow",
                           "2027-01-01 ", "2027-01-01T00:00", "-027-01-01", "2027-01"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseDate(text).status())) << text;
  }
}

TEST(ParseMonth, TakesMonthsOnly) {
  const auto month = ParseMonth("2028-02");
  ASSERT_TRUE(month.ok());
  EXPECT_EQ(DateText(*month), "2028-02");
  for (const char* text : {"", "november", "2028-13", "2028-2", "2028-02-01"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseMonth(text).status())) << text;
  }
}

TEST(JsonValueText, ReadsTheValuesOfChanges) {
  EXPECT_EQ(JsonValueText("25"), "25");
  EXPECT_EQ(JsonValueText("\"products/cas\""), "products/cas");
  EXPECT_EQ(JsonValueText(R"({"year":2027,"month":1,"day":31})"), "2027-01-31");
  EXPECT_EQ(JsonValueText("true"), "yes");
  EXPECT_EQ(JsonValueText(R"({"year":2027,"month":1})"), "2027-01");
  EXPECT_EQ(JsonValueText("false"), "no");
  EXPECT_EQ(JsonValueText("0"), "0");
  EXPECT_EQ(JsonValueText(R"(["a","b"])"), "a, b");
  EXPECT_EQ(JsonValueText(R"({"given_name":"Ada","family_name":"Berg"})"), "given_name=Ada, family_name=Berg");
  EXPECT_EQ(JsonValueText(R"([{"product":"products/cas","units":60}])"), "cas=60");
  EXPECT_EQ(JsonValueText("\"a\\u001b[2J\""), "a?[2J");
  EXPECT_EQ(JsonValueText("not json"), "not json");
  EXPECT_EQ(JsonValueText(""), "");
}

}  // namespace
}  // namespace lmp::cli

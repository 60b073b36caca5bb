// What tells of people is told apart from the rest of an image, whoever wrote it, and nothing is lost.
#include "storage/rows/personal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "storage/model/personal.h"
#include "storage/model/world.h"
#include "storage/rows/columns.h"

namespace lmp::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

model::Customer Bakery() {
  model::Customer customer;
  customer.customer_id = "bakery";
  customer.partner_id = "acme";
  customer.country = "DE";
  customer.industry = "FOO";
  customer.display_name = customer.city = customer.region = customer.address = customer.postal_code = customer.note =
      customer.contact_given_name = customer.contact_family_name = customer.contact_email = "Ada";
  customer.emergency_emails = {"Ada", "Ada, \"}\\"};
  customer.external_id = "Ada";
  customer.annotations = {{"Ada", "Ada"}, {"]", "{"}};
  customer.stamp.revision = 7;
  return customer;
}

// A record that was made is computed anew from these: only columns that are new may be added.
TEST(Personal, TheColumnsAreTheseForEver) {
  std::map<std::string, std::vector<std::string>> columns;
  model::ForEachKind([&]<class Row>() {
    for (const std::string& name : ColumnNames<Row>()) {
      if (model::IsPersonal<Row>(name)) columns[std::string(Row::kTable)].push_back(name);
    }
  });
  EXPECT_EQ(columns.size(), 3U);
  EXPECT_THAT(columns["customers"],
              ElementsAre("display_name", "city", "region", "address", "postal_code", "note", "emergency_emails",
                          "contact_given_name", "contact_family_name", "contact_email", "external_id", "annotations"));
  EXPECT_THAT(columns["api_keys"], ElementsAre("display_name"));
  EXPECT_THAT(columns["registration_keys"], ElementsAre("note"));
  EXPECT_THAT(PersonalTables(), ElementsAre("customers", "registration_keys", "api_keys"));
}

TEST(Personal, AnImageWithoutItIsThatOfTheRowWithoutIt) {
  const model::Customer customer = Bakery();
  EXPECT_TRUE(HoldsPersonal(customer));
  const model::Customer without = model::WithoutPersonal(customer);
  EXPECT_FALSE(HoldsPersonal(without));
  const SplitImage split = Split("customers", ImageOf(customer));
  EXPECT_EQ(split.rest, ImageOf(without));
  EXPECT_THAT(split.rest, Not(HasSubstr("Ada")));
  EXPECT_EQ(Split("customers", split.rest).rest, split.rest);
  EXPECT_EQ(Split("customers", split.rest).personal, "{}");
  EXPECT_EQ(Split("customers", split.personal).rest, "{}");
}

TEST(Personal, AnImageIsSplitByItsTextWhateverItIs) {
  struct Case {
    std::string table, image, rest, personal;
  };
  const Case cases[] = {
      {"api_keys", R"({"key_id": "k", "display_name": "a, b", "revision": 1})", R"({"key_id": "k", "revision": 1})",
       R"({ "display_name": "a, b"})"},  // as JSON_OBJECT writes it
      {"registration_keys", R"({"note":"\"}","units":{"note":"1"}})", R"({"units":{"note":"1"}})", R"({"note":"\"}"})"},
      {"licenses", R"({"note":"x"})", R"({"note":"x"})", "{}"},
      {"customers", "{}", "{}", "{}"},
      {"customers", "", "", "{}"},
      {"customers", "nonsense", "nonsense", "{}"},
      {"customers", R"({"note":"x")", "{", R"({"note":"x"})"},
      {"customers", R"({"note":"x"} "note")", R"({} "note")", R"({"note":"x"})"},
      {"customers", R"({"note":"x","note":"y","a":1})", R"({"a":1})", R"({"note":"x","note":"y"})"},
  };
  for (const Case& one : cases) {
    const SplitImage split = Split(one.table, one.image);
    EXPECT_EQ(split.rest, one.rest) << one.image;
    EXPECT_EQ(split.personal, one.personal) << one.image;
  }
}

TEST(Personal, AReasonIsInSomebodysOwnWords) {
  model::Event event{.row_table = "licenses", .key1 = "bakery", .key2 = "l", .after = R"({"units":1})"};
  EXPECT_FALSE(HoldsPersonal(event));
  event.reason = "as Ada asked";
  EXPECT_TRUE(HoldsPersonal(event));
  EXPECT_THAT(PersonalBytes(event), HasSubstr("as Ada asked"));
  ForgetPersonal(event);
  EXPECT_FALSE(HoldsPersonal(event));
  EXPECT_EQ(event.after, R"({"units":1})");
}

}  // namespace
}  // namespace lmp::storage

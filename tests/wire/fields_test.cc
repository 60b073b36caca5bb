// Names, ids, dates, masks and bytes, one field at a time.
#include "server/wire/fields.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/wire/mutation_request.h"
#include "server/wire/values.h"
#include "tests/support/status_matchers.h"
#include "tests/wire/wire_test_support.h"

namespace lmp::wire {
namespace {

using ::lmp::testing::IsOkAndHolds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(NameTest, GivesTheId) {
  const std::string longest(63, 'a');
  for (const std::string& id :
       {std::string("acme"), std::string("a"), std::string("0jv8"), std::string("a--b"), longest}) {
    EXPECT_THAT(ParseName("name", absl::StrCat("customers/", id), "customers"), IsOkAndHolds(id));
  }
}

TEST(NameTest, RefusesWhatIsNone) {
  for (const std::string& name : {std::string(),
                                  std::string("acme"),
                                  std::string("customers"),
                                  std::string("customers/"),
                                  std::string("/acme"),
                                  std::string("customers//acme"),
                                  std::string("customers/acme/"),
                                  std::string("partners/acme"),
                                  std::string("Customers/acme"),
                                  std::string("customers/Acme"),
                                  std::string("customers/ac me"),
                                  std::string("customers/acmé"),
                                  std::string("customers/-"),
                                  std::string("customers/acme/licenses/l1"),
                                  std::string("customers/ac_me"),
                                  std::string("customers/acme\n"),
                                  std::string("customers/ac\0me", 15),
                                  std::string("customers/../x"),
                                  absl::StrCat("customers/", std::string(64, 'a')),
                                  std::string(1'000'000, '/')}) {
    EXPECT_THAT(FieldsOf(ParseName("name", name, "customers").status()), ElementsAre("name")) << name.substr(0, 80);
  }
}

TEST(NameTest, OfAChildGivesBothIds) {
  EXPECT_THAT(ParseChildName("name", "customers/acme/licenses/l1", "customers", "licenses"),
              IsOkAndHolds(Pair("acme", "l1")));
  for (const char* name : {"", "customers/acme", "customers/acme/licenses", "customers/acme/licenses/",
                           "customers//licenses/l1", "customers/acme/subscriptions/l1", "customers/-/licenses/l1",
                           "customers/acme/licenses/-", "customers/acme/licenses/l1/x", "partners/acme/licenses/l1"}) {
    EXPECT_THAT(FieldsOf(ParseChildName("name", name, "customers", "licenses").status()), ElementsAre("name")) << name;
  }
}

TEST(NameTest, OfAParentMayStandForAll) {
  Fields fields;
  EXPECT_EQ(fields.ParentOrAll("parent", "customers/-", "customers"), "");
  EXPECT_EQ(fields.ParentOrAll("parent", "customers/acme", "customers"), "acme");
  EXPECT_OK(fields.status());
  fields.ParentOrAll("parent", "-", "customers");
  EXPECT_THAT(FieldsOf(fields.status()), ElementsAre("parent"));
}

TEST(NameTest, ThatIsMissingIsCalledSo) {
  Fields fields;
  fields.Name("name", "", "customers");
  EXPECT_THAT(std::string(fields.status().message()), HasSubstr("name is required"));
}

TEST(ChosenIdTest, HasTheLengthAndCharactersOfAnId) {
  const auto valid = [](const std::string& id) {
    Fields fields;
    fields.ChosenId("customer_id", id);
    return fields.status().ok();
  };
  for (const std::string& id :
       {std::string(), std::string("acme"), std::string("a-1b"), std::string("a--b"), std::string(63, 'a')}) {
    EXPECT_TRUE(valid(id)) << id;
  }
  for (const std::string& id : {std::string("abc"), std::string("1abc"), std::string("-abc"), std::string("abc-"),
                                std::string("Acme"), std::string("ac_me"), std::string("ac me"), std::string("äcme"),
                                std::string("acme\0", 5), std::string(64, 'a')}) {
    EXPECT_FALSE(valid(id)) << id;
  }
}

TEST(RequestIdTest, IsAUuidOrEmpty) {
  for (const char* id : {"", "123e4567-e89b-42d3-a456-426614174000", "123E4567-E89B-42D3-A456-426614174000",
                         "00000000-0000-0000-0000-000000000000"}) {
    EXPECT_OK(CheckRequestId(id));
  }
  for (const std::string& id :
       {std::string("x"), std::string("123e4567e89b42d3a456426614174000"),
        std::string("123e4567-e89b-42d3-a456-42661417400g"), std::string("123e4567-e89b-42d3-a456-4266141740000"),
        std::string("{123e4567-e89b-42d3-a456-42661417400}"), std::string(36, '-'), std::string(1'000'000, 'a')}) {
    EXPECT_THAT(FieldsOf(CheckRequestId(id)), ElementsAre("request_id")) << id.substr(0, 60);
  }
}

TEST(RequestIdTest, IsNamedBesideWhatElseIsWrong) {
  const absl::Status fine, id = CheckRequestId("x"), city = domain::InvalidFields({{"city", "is required"}});
  EXPECT_THAT(FieldsOf(BothInvalid(id, city)), ElementsAre("city", "request_id"));
  EXPECT_THAT(FieldsOf(BothInvalid(id, fine)), ElementsAre("request_id"));
  EXPECT_THAT(FieldsOf(BothInvalid(fine, city)), ElementsAre("city"));
  EXPECT_OK(BothInvalid(fine, fine));
}

google::type::Date DateOf(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

TEST(DateTest, IsADayOfTheCalendar) {
  struct Case {
    int year, month, day;
    bool valid;
  };
  constexpr int kMost = std::numeric_limits<int>::max(), kLeast = std::numeric_limits<int>::min();
  for (const Case& c : {Case{2026, 3, 31, true},
                        Case{2024, 2, 29, true},
                        Case{1, 1, 1, true},
                        Case{9999, 12, 31, true},
                        Case{2000, 2, 29, true},
                        Case{2026, 2, 29, false},
                        Case{2026, 2, 30, false},
                        Case{1900, 2, 29, false},
                        Case{2026, 4, 31, false},
                        Case{0, 1, 1, false},
                        Case{-1, 1, 1, false},
                        Case{10000, 1, 1, false},
                        Case{2026, 0, 1, false},
                        Case{2026, 13, 1, false},
                        Case{2026, 1, 0, false},
                        Case{2026, 1, 32, false},
                        Case{2026, 0, 0, false},
                        Case{0, 0, 0, false},
                        Case{2026, -1, 1, false},
                        Case{2026, 1, -1, false},
                        Case{kMost, kMost, kMost, false},
                        Case{kLeast, kLeast, kLeast, false},
                        Case{2026, kMost, 1, false},
                        Case{2026, 1, kLeast, false}}) {
    Fields fields;
    const auto day = fields.Date("start_date", DateOf(c.year, c.month, c.day));
    EXPECT_EQ(day.has_value(), c.valid) << c.year << "-" << c.month << "-" << c.day;
    EXPECT_EQ(fields.status().ok(), c.valid);
    if (!c.valid) continue;
    google::type::Date back;
    ToProto(*day, &back);
    EXPECT_EQ(back.SerializeAsString(), DateOf(c.year, c.month, c.day).SerializeAsString());
  }
}

class MaskTest : public ::testing::Test {
 protected:
  std::set<std::string> Columns(const std::vector<std::string>& paths) {
    google::protobuf::FieldMask mask;
    for (const std::string& path : paths) mask.add_paths(path);
    return fields_.Mask(mask, customer_,
                        {"display_name", "note", "contact.given_name", "contact.email", "annotations"});
  }
  v1::Customer customer_;
  Fields fields_;
};

TEST_F(MaskTest, NamesFields) {
  EXPECT_THAT(Columns({"note", "contact.email", "note"}), ElementsAre("contact_email", "note"));
  EXPECT_OK(fields_.status());
}

TEST_F(MaskTest, AMessageStandsForAllOfIt) {
  EXPECT_THAT(Columns({"contact"}), ElementsAre("contact_email", "contact_given_name"));
  EXPECT_OK(fields_.status());
}

TEST_F(MaskTest, AStarIsAllThatCanBeUpdated) {
  EXPECT_THAT(Columns({"*"}),
              ElementsAre("annotations", "contact_email", "contact_given_name", "display_name", "note"));
  EXPECT_OK(fields_.status());
}

TEST_F(MaskTest, AnEmptyOneIsAllThatIsSet) {
  EXPECT_THAT(Columns({}), IsEmpty());
  customer_.set_note("n");
  customer_.mutable_contact()->set_email("a@b");
  (*customer_.mutable_annotations())["k"] = "v";
  customer_.set_name("customers/acme");  // says which, changes nothing
  EXPECT_THAT(Columns({}), ElementsAre("annotations", "contact_email", "note"));
  EXPECT_OK(fields_.status());
}

TEST_F(MaskTest, UnknownAndFixedFieldsAreNamed) {
  EXPECT_THAT(
      Columns({"note", "color", "partner", "contact.fax", "annotations.k", "", ".", "note.", "note.x", "state"}),
      ElementsAre("note"));
  EXPECT_EQ(domain::RefusalOf(fields_.status()).violations.size(), 9U);
  const std::string message(fields_.status().message());
  EXPECT_THAT(message, HasSubstr("names \"color\", which is no field"));
  EXPECT_THAT(message, HasSubstr("names \"partner\", which can't be updated"));
  EXPECT_THAT(message, HasSubstr("names \"state\", which can't be updated"));
}

TEST_F(MaskTest, AStarStandsAlone) {
  Columns({"*", "note"});
  EXPECT_FALSE(fields_.status().ok());
}

// Bytes of a request in which every "ZZ" is made invalid.
std::vector<std::string> Invalid(const google::protobuf::Message& request, const std::string& by = "\xC3\x28") {
  const std::string bytes = absl::StrReplaceAll(request.SerializeAsString(), {{"ZZ", by}});
  EXPECT_NE(bytes, request.SerializeAsString());
  return InvalidUtf8Fields(*request.GetDescriptor(), bytes);
}

TEST(Utf8Test, AFieldIsFoundByItsPath) {
  v1::CreateCustomerRequest request;
  request.set_customer_id("ZZ");
  request.mutable_customer()->set_city("Köln");
  request.mutable_customer()->set_note("ZZ");
  request.mutable_customer()->mutable_contact()->set_email("ZZ");
  request.mutable_customer()->add_emergency_emails("fine@example.com");
  request.mutable_customer()->add_emergency_emails("ZZ");
  (*request.mutable_customer()->mutable_annotations())["key"] = "ZZ";
  EXPECT_THAT(Invalid(request), UnorderedElementsAre("customer_id", "customer.note", "customer.contact.email",
                                                     "customer.emergency_emails[1]", "customer.annotations[0].value"));
}

TEST(Utf8Test, AKeyOfAMapIsFoundToo) {
  v1::CreateCustomerRequest request;
  (*request.mutable_customer()->mutable_annotations())["ZZ"] = "value";
  EXPECT_THAT(Invalid(request), ElementsAre("customer.annotations[0].key"));
}

TEST(Utf8Test, ARepeatedMessageAndAMaskAreFoundToo) {
  v1::AssignServicePlanRequest request;
  request.add_units()->set_product("products/fine");
  request.add_units()->set_product("ZZ");
  request.mutable_crossgrade()->add_resolutions()->set_product("ZZ");
  EXPECT_THAT(Invalid(request), ElementsAre("units[1].product", "crossgrade.resolutions[0].product"));
  v1::UpdateCustomerRequest update;
  update.mutable_update_mask()->add_paths("ZZ");
  EXPECT_THAT(Invalid(update), ElementsAre("update_mask.paths[0]"));
}

TEST(Utf8Test, EveryKindOfInvalidBytesIsFound) {
  v1::GetCustomerRequest request;
  request.set_name("ZZZZ");
  for (const std::string& bytes : {std::string("\x80\x80"), std::string("\xC0\xAF"), std::string("\xC1\xBF"),
                                   std::string("a\xC3"), std::string("\xFF\xFE"), std::string("\xF5\x80")}) {
    EXPECT_THAT(Invalid(request, bytes), ElementsAre("name"));
  }
  const auto whole = [](const std::string& text) {  // field 1, length-delimited
    return InvalidUtf8Fields(*v1::GetCustomerRequest::descriptor(),
                             absl::StrCat("\x0A", std::string(1, static_cast<char>(text.size())), text));
  };
  for (const char* text :
       {"\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\xAF", "\xF4\x90\x80\x80", "\xE2\x82", "\xF0\x9F\x8D"}) {
    EXPECT_THAT(whole(text), ElementsAre("name")) << text;
  }
  for (const char* text : {"", "plain", "Köln", "€", "🥐", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF"}) {
    EXPECT_THAT(whole(text), IsEmpty()) << text;
  }
}

TEST(Utf8Test, WhatIsNoMessageNamesNoField) {
  EXPECT_THAT(InvalidUtf8Fields(*v1::GetCustomerRequest::descriptor(), "\xFF\xFF\xFF"), IsEmpty());
}

}  // namespace
}  // namespace lmp::wire

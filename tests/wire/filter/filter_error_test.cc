// Where a filter is wrong, and its limits.
#include <google/protobuf/wrappers.pb.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lmp/v1/customer.pb.h"
#include "lmp/v1/license.pb.h"
#include "lmp/v1/subscription.pb.h"
#include "server/wire/filter/filter.h"
#include "tests/wire/wire_test_support.h"

namespace lmp::wire {
namespace {

using google::protobuf::Descriptor;

// What is wrong with a filter; "" if nothing is.
std::string ErrorOf(const Descriptor& type, absl::string_view text) {
  const absl::Status status = Filter::Parse(type, text).status();
  if (status.ok()) return "";
  EXPECT_THAT(FieldsOf(status), testing::ElementsAre("filter"));
  EXPECT_EQ(domain::RefusalOf(status).reason, "INVALID_FIELDS");
  return domain::RefusalOf(status).violations[0].description;
}

struct Wrong {
  const char* filter;
  int position;
  const char* description;  // begins with it
};

void ExpectWrong(const Descriptor& type, const std::vector<Wrong>& cases) {
  for (const Wrong& row : cases) {
    EXPECT_THAT(ErrorOf(type, row.filter),
                testing::StartsWith(absl::StrCat("position ", row.position, ": ", row.description)))
        << row.filter;
  }
}

TEST(FilterErrorTest, SaysWhichFieldsThereAre) {
  const Descriptor& customer = *v1::Customer::descriptor();
  ExpectWrong(
      customer,
      {
          {"color = red", 1, "there is no field \"color\"; fields: name, partner, display_name, city, "},
          {"city = Ulm AND Note = x", 16, "there is no field \"Note\"; fields: name,"},
          {"city = \"Übelström\" color = red", 20, "there is no field \"color\";"},
          {"NOT color:*", 5, "there is no field \"color\";"},
          {"contact.mail = x", 9, "there is no field \"mail\" in contact; fields: given_name, family_name, email"},
          {"state.x = 1", 7, "state has no fields"},
          {"create_time.seconds = 1", 13, "create_time has no fields"},
          {"annotations.a.b = x", 15, "a key with a dot needs quotes: annotations.\"a.b\""},
          {"contact. = x", 9, "a field is missing after the \".\""},
          {".city = x", 1, "unexpected \".\""},
          {"acme", 1, "say which field: \"acme\" stands alone (a value with spaces needs quotes); fields: name,"},
          {"\"acme corp\"", 1, "say which field: \"acme corp\" stands alone"},
          {"'name'", 1, "say which field: \"name\" stands alone"},
          {"2026-01-01", 1, "say which field: \"2026-01-01\" stands alone"},
          {"city = Bad Homburg", 12, "say which field: \"Homburg\" stands alone"},
          {"city = Ulm and city = Bonn", 12, "\"and\" is not an operator; there are AND, OR and NOT"},
          {"city = Ulm || city = Bonn", 12, "\"||\" is not an operator"},
          {"= Ulm", 1, "a field is missing before \"=\""},
          {"city", 5, "an operator is missing (= != < <= > >= :) before the end"},
          {"city AND name = a", 6, "an operator is missing (= != < <= > >= :) before \"AND\""},
          {"city Ulm", 6, "an operator is missing (= != < <= > >= :) before \"U\""},
      });
}

TEST(FilterErrorTest, SaysWhatTheTypeAllows) {
  ExpectWrong(
      *v1::License::descriptor(),
      {
          {"state < ACTIVE", 7, "state has no order; write = or !="},
          {"state:ACTIVE", 6, "state is not a text or list; write = or state:*"},
          {"units:10", 6, "units is not a text or list; write = or units:*"},
          {"trial >= true", 7, "trial has no order; write = or !="},
          {"state = RUNNING", 9,
           "state is one of PENDING, ACTIVE, EXPIRING_SOON, GRACE, EXPIRED, NOT_ACTIVATED, SUSPENDED, DISABLED, "
           "not \"RUNNING\""},
          {"state = active", 9, "state is one of PENDING, "},
          {"state = STATE_UNSPECIFIED", 9, "state is one of PENDING, "},
          {"state = *", 9, "state is one of PENDING, "},
          {"trial = yes", 9, "trial is true or false, not \"yes\""},
          {"trial = TRUE", 9, "trial is true or false, not \"TRUE\""},
          {"units = ten", 9, "units is a whole number, not \"ten\""},
          {"units = 1.5", 9, "units is a whole number, not \"1.5\""},
          {"units = +1", 9, "units is a whole number"},
          {"units = ''", 9, "units is a whole number"},
          {"units = ' 1'", 9, "units is a whole number"},
          {"units = -", 9, "units is a whole number"},
          {"units = - 1", 9, "units is a whole number"},
          {"units > 2147483648", 9, "units is a whole number from -2147483648 to 2147483647, not \"2147483648\""},
          {"units > -2147483649", 9, "units is a whole number from"},
          {"units > 99999999999999999999", 9, "units is a whole number from"},
          {"start_date = 2026-02-30", 14, "start_date is a date (YYYY-MM-DD), not \"2026-02-30\""},
          {"start_date = 2026-2-3", 14, "start_date is a date"},
          {"start_date = 0000-01-01", 14, "start_date is a date"},
          {"start_date = 2026-01-01T00:00:00Z", 14, "start_date is a date"},
          {"start_date = today", 14, "start_date is a date"},
          {"start_date = '2026-01-01 '", 14, "start_date is a date"},
          {"start_date:2026-01-01", 11, "start_date is not a text"},
          {"create_time > noon", 15, "create_time is a time (2026-12-31T18:30:00Z) or date (YYYY-MM-DD), not \"noon\""},
          {"create_time > infinite-future", 15, "create_time is a time"},
          {"create_time > 2026-02-30T00:00:00Z", 15, "create_time is"},
          {"create_time > 2026-01-01T00:00:00", 15, "create_time is"},
          {"create_time > 2026-01-01T24:00:00Z", 15, "create_time is"},
          {"create_time > 2026-01-01T00:00:00.Z", 15, "create_time is"},
          {"create_time > 2026-01-01T00:00:00+1", 15, "create_time is"},
          {"create_time > 2026-01-01T00:00Z", 15, "create_time is"},
          {"create_time > '2026-01-01 00:00:00Z'", 15, "create_time is"},
          {"product < a*", 11, "wildcards are for = and != only"},
          {"product:a*", 9, "wildcards are for = and != only"},
          {"product = a*b", 11, "a wildcard stands first or last; for the character write \"\\*\""},
          {"product = '***'", 11, "a wildcard stands first or last"},
          {"changes = x", 9,
           "changes is a list of messages; name a field (event_kind, resource, created, fields, effective_date) or "
           "write changes:*"},
      });
  ExpectWrong(
      *v1::Customer::descriptor(),
      {
          {"contact = x", 9, "contact is a message; name a field (given_name, family_name, email) or write contact:*"},
          {"contact:x", 8, "contact is a message;"},
          {"annotations = x", 13, "annotations is a map; write annotations:KEY or annotations.KEY = VALUE"},
          {"annotations:a*", 13, "wildcards are for = and != only"},
          {"emergency_emails = x", 18, "emergency_emails is a list; write emergency_emails:VALUE"},
          {"emergency_emails != x", 18, "emergency_emails is a list;"},
          {"emergency_emails:x*", 18, "wildcards are for"},
      });
  ExpectWrong(*v1::Subscription::descriptor(), {{"licenses.state < ACTIVE", 16, "licenses.state has no order"},
                                                {"licenses.units:many", 16, "units is a whole number"},
                                                {"licenses.product:*x", 18, "wildcards are for = and != only"}});
  ExpectWrong(*google::protobuf::BytesValue::descriptor(), {{"value = x", 7, "write value:*"}});
  ExpectWrong(*google::protobuf::DoubleValue::descriptor(), {{"value = nan", 9, "value is a number, not \"nan\""}});
  ExpectWrong(*google::protobuf::UInt32Value::descriptor(),
              {{"value = -1", 9, "value is a whole number from 0 to 4294967295"}});
}

TEST(FilterErrorTest, SaysWhereTheFormIsBroken) {
  ExpectWrong(*v1::Customer::descriptor(),
              {
                  {"city = \"Ulm", 8, "the quote is not closed"},
                  {"city = 'Ulm\"", 8, "the quote is not closed"},
                  {"city = \"Ulm\\\"", 8, "the quote is not closed"},
                  {"city = \"Ulm\\", 8, "the quote is not closed"},
                  {"city = \"Ü\\q\"", 10, "an unknown escape; there are \\\\ \\\" \\' \\* \\n \\t"},
                  {"annotations.\"a = b", 13, "the quote is"},
                  {"(city = Ulm", 1, "the \"(\" is not closed"},
                  {"city = Ulm AND (city = B OR (city = C)", 16, "the \"(\" is not closed"},
                  {"city = Ulm)", 11, "there is no \"(\" for this \")\""},
                  {"(city = Ulm)) city = B", 13, "there is no \"(\""},
                  {"()", 2, "a comparison is missing before \")\""},
                  {")", 1, "a comparison is missing before \")\""},
                  {"city = Ulm AND", 15, "a comparison is missing before the end"},
                  {"city = Ulm OR ", 15, "a comparison is missing before"},
                  {"AND city = Ulm", 1, "a comparison is missing before \"AND\""},
                  {"NOT", 4, "a comparison is missing before the end"},
                  {"city = A AND OR city = B", 14, "a comparison is missing before \"OR\""},
                  {"-", 2, "a comparison is missing before"},
                  {"city = A OR NOT AND", 17, "a comparison is missing before \"AND\""},
                  {"city = A AND AND city = B", 14, "a comparison is"},
                  {"city =", 7, "a value is missing after \"=\" and before the end"},
                  {"(city:)", 7, "a value is missing after \":\" and before \")\""},
                  {"city != AND name = x", 9,
                   "a value is missing after \"!=\" and before \"AND\" (which needs quotes to be one)"},
                  {"city == Ulm", 7, "a value is missing after \"=\" and before \"=\""},
                  {"city <> Ulm", 7, "a value is missing after \"<\""},
                  {"city = (A OR B)", 8, "one value is needed, not parentheses"},
                  {"city ! Ulm", 6, "an operator is missing"},
                  {"city = A, name = b", 9, "a value with \",\" in it needs quotes"},
                  {"city = A=B", 9, "a value with \"=\" in it needs quotes"},
                  {"city = \"A\"B", 11, "a space is missing before \"B\""},
                  {"city = 'A'name = x", 11, "a space is missing before \"n\""},
                  {"city = A = B", 10, "a field is missing before \"=\""},
                  {"city = Müller\"s", 14, "a value with \"\\\"\" in it needs"},
                  {"startsWith(city, A)", 1, "functions are not supported"},
                  {"city = A AND a.b(c)", 14, "functions are not supported"},
                  {"city = lower(name)", 8, "functions are not supported"},
                  {"city = A , city = B", 10, "unexpected \",\""},
              });
  EXPECT_EQ(ErrorOf(*v1::Customer::descriptor(), "city = \xC3("), "is not valid UTF-8");
  // What is shown of the caller's text is short and printable.
  EXPECT_THAT(ErrorOf(*v1::Customer::descriptor(), std::string(500, 'x') + " = 1"),
              testing::StartsWith("position 1: there is no field \"" + std::string(60, 'x') + "…\"; fields: name"));
  EXPECT_THAT(ErrorOf(*v1::Customer::descriptor(), "'a\\n\x01' = 1"), testing::HasSubstr(R"(no field "a\n\001";)"));
}

std::string Repeat(absl::string_view text, int times) {
  return absl::StrJoin(std::vector<absl::string_view>(static_cast<size_t>(times), text), "");
}

TEST(FilterLimitTest, LengthComparisonsAndDepth) {
  const Descriptor& type = *v1::Customer::descriptor();
  const auto sized = [](size_t bytes) { return "note = \"" + std::string(bytes - 9, 'x') + "\""; };
  for (const size_t bytes : {4095, 4096}) EXPECT_EQ(ErrorOf(type, sized(bytes)), "") << bytes;
  EXPECT_EQ(ErrorOf(type, sized(4097)), "position 4097: longer than 4096 bytes");
  EXPECT_EQ(ErrorOf(type, std::string(1'000'000, '(')), "position 4097: longer than 4096 bytes");
  EXPECT_EQ(ErrorOf(type, Repeat("ü", 3000)), "position 2049: longer than 4096 bytes");

  for (const char* one : {"city:a ", "city:a AND ", "city:a OR "}) {
    EXPECT_EQ(ErrorOf(type, Repeat(one, 48) + "city:a"), "");
    EXPECT_EQ(ErrorOf(type, Repeat(one, 49) + "city:a"), "");
    EXPECT_EQ(ErrorOf(type, Repeat(one, 50) + "city:a"),
              absl::StrCat("position ", 50 * strlen(one) + 1, ": more than 50 comparisons"));
  }

  for (const auto& [open, close] : {std::pair("(", ")"), {"NOT ", ""}, {"-", ""}}) {
    for (const int depth : {19, 20})
      EXPECT_EQ(ErrorOf(type, Repeat(open, depth) + "city:a" + Repeat(close, depth)), "");
    const std::string wanted =
        absl::StrCat("position ", 20 * strlen(open) + 1, ": more than 20 parentheses and NOTs inside each other");
    EXPECT_EQ(ErrorOf(type, Repeat(open, 21) + "city:a" + Repeat(close, 21)), wanted);
    EXPECT_EQ(ErrorOf(type, Repeat(open, 1000)), wanted);
  }
  // Beside each other they do not count.
  EXPECT_EQ(ErrorOf(type, Repeat("-((city:a)) ", 50)), "");
  EXPECT_EQ(ErrorOf(type, Repeat("NOT (", 10) + "city:a" + Repeat(")", 10)), "");
  EXPECT_EQ(ErrorOf(type, Repeat("NOT (", 10) + "-city:a" + Repeat(")", 10)).substr(0, 12), "position 51:");
}

}  // namespace
}  // namespace lmp::wire

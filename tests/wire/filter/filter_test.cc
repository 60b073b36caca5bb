// The filter language: what matches what, and what a filter means.
#include "server/wire/filter/filter.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/wrappers.pb.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "lmp/v1/customer.pb.h"
#include "lmp/v1/event.pb.h"
#include "lmp/v1/license.pb.h"
#include "lmp/v1/scheduled_change.pb.h"
#include "lmp/v1/service_plan.pb.h"
#include "lmp/v1/subscription.pb.h"
#include "tests/support/status_matchers.h"

namespace lmp::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

constexpr char kLicense[] = R"(
    name: "customers/acme/licenses/l1" product: "products/backup" product_kind: SERVICE units: 10 used_units: 0
    start_date { year: 2026 month: 1 day: 1 } expiration_date { year: 2026 month: 12 day: 31 } state: ACTIVE trial: true
    create_time { seconds: 1767225600 nanos: 500000000 })";  // 2026-01-01T00:00:00.5Z
constexpr char kCustomer[] = R"(
    name: "customers/acme" display_name: "Acme \"Süd\" GmbH" city: "Ulm" note: "a*b\\c\nd" state: ENABLED
    contact { given_name: "Ada" email: "ada@acme.example" } emergency_emails: "ops@acme.example"
    emergency_emails: "boss@acme.example" annotations { key: "color" value: "dark red" }
    annotations { key: "app/tier.1" value: "" } annotations { key: "AND" value: "7" })";
constexpr char kSubscription[] = R"(
    name: "customers/acme/subscriptions/s1" service_plan: "servicePlans/suite" state: SUSPENDED version: FULL
    licenses { product: "products/backup" state: EXPIRED units: 5 used_units: 3 }
    licenses { product: "products/mail" state: ACTIVE units: 20 start_date { year: 2026 month: 5 day: 2 } }
    pending_changes: -1)";
constexpr char kPlan[] = R"(
    name: "servicePlans/suite" state: AVAILABLE enabled: true initial_term_months: 12 grace_period_days: 0
    components: "products/backup" components: "products/mail")";

template <class Resource>
Resource FromText(const std::string& text) {
  Resource resource;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &resource)) << text;
  return resource;
}

struct Case {
  const char* filter;
  bool matches;
};

void ExpectCases(const Message& resource, const std::vector<Case>& cases) {
  for (const Case& row : cases) {
    const absl::StatusOr<Filter> filter = Filter::Parse(*resource.GetDescriptor(), row.filter);
    ASSERT_TRUE(filter.ok()) << row.filter << "\n" << filter.status();
    EXPECT_EQ(filter->Matches(resource), row.matches) << row.filter;
  }
}

TEST(FilterTest, OfNothingMatchesEverything) {
  for (const char* text : {"", " ", "\t\r\n "}) {
    ASSERT_OK_AND_ASSIGN(const Filter filter, Filter::Parse(*v1::License::descriptor(), text));
    EXPECT_TRUE(filter.empty());
    EXPECT_EQ(filter.root(), nullptr);
    EXPECT_TRUE(filter.Matches(v1::License()));
  }
}

TEST(FilterTest, ComparesByType) {
  ExpectCases(FromText<v1::License>(kLicense), {
                                                   {"state = ACTIVE", true},
                                                   {"state=GRACE", false},
                                                   {"state != GRACE", true},
                                                   {"state != \"ACTIVE\"", false},
                                                   {"product_kind = 'SERVICE'", true},
                                                   {"unit = SEAT", false},
                                                   {"unit != SEAT", true},
                                                   {"trial = true", true},
                                                   {"trial = false", false},
                                                   {"nfr = false", true},
                                                   {"nfr != true", true},
                                                   {"units = 10", true},
                                                   {"units = 010", true},
                                                   {"units > 9", true},
                                                   {"units > 10", false},
                                                   {"units >= 10", true},
                                                   {"units < 10", false},
                                                   {"units <= 10", true},
                                                   {"units < 11", true},
                                                   {"units != 10", false},
                                                   {"units > -5", true},
                                                   {"units > -2147483648", true},
                                                   {"units < 2147483647", true},
                                                   {"units = '10'", true},
                                                   {"expiration_date = 2026-12-31", true},
                                                   {"expiration_date < 2026-12-31", false},
                                                   {"expiration_date <= 2026-12-31", true},
                                                   {"expiration_date >= 2027-01-01", false},
                                                   {"expiration_date > 2025-12-31", true},
                                                   {"expiration_date != \"2026-12-30\"", true},
                                                   {"create_time > 2026-01-01", true},
                                                   {"create_time < 2026-01-01", false},
                                                   {"create_time = 2026-01-01", false},
                                                   {"create_time = 2026-01-01T00:00:00.5Z", true},
                                                   {"create_time = 2026-01-01t01:00:00.500+01:00", true},
                                                   {"create_time < \"2026-01-01T00:00:00.500000001z\"", true},
                                                   {"create_time <= 2025-12-31T19:00:00-05:00", false},
                                                   {"product = products/backup", true},
                                                   {"product = \"products/backup\"", true},
                                                   {"product = backup", false},
                                                   {"product < products/c", true},
                                                   {"product > products/backup", false},
                                                   {"product >= products/backup", true},
                                                   {"product > Products/backup", true},
                                                   {"subscription = ''", true},
                                                   {"subscription != ''", false},
                                               });
}

TEST(FilterTest, StarsAreWildcardsUnlessEscaped) {
  ExpectCases(FromText<v1::Customer>(kCustomer), {
                                                     {"name = customers/*", true},
                                                     {"name = customers/acme*", true},
                                                     {"name = customer", false},
                                                     {"name = *acme", true},
                                                     {"name = *ac", false},
                                                     {"name = *rs/ac*", true},
                                                     {"name = *RS/AC*", false},
                                                     {"name = *", true},
                                                     {"name = **", true},
                                                     {"note = *", true},
                                                     {"name != customers/*", false},
                                                     {"name != *x*", true},
                                                     {"city = 'U*'", true},
                                                     {"city = 'U\\*'", false},
                                                     {"display_name = '*GmbH'", true},
                                                     {"address = *", true},
                                                     {R"(note = "a\*b*")", true},
                                                     {R"(note = "a\*b")", false},
                                                     {R"(note:"\*")", true},
                                                     {R"(city:"\*")", false},
                                                     {R"(note = "a\*b\\c\nd")", true},
                                                     {R"(display_name = "Acme \"Süd\" GmbH")", true},
                                                     {R"(display_name = 'Acme "Süd" GmbH')", true},
                                                     {R"(display_name = *Süd*)", true},
                                                     {"annotations.color = dark*", true},
                                                     {"annotations.color = *blue", false},
                                                     {"contact.email = *@acme.example", true},
                                                     {"contact.email != *@acme.example", false},
                                                 });
}

TEST(FilterTest, ColonAsksWhatIsInside) {
  ExpectCases(FromText<v1::Customer>(kCustomer), {
                                                     {"note:b", true},
                                                     {"note:B", false},
                                                     {"note:''", true},
                                                     {"name:acme", true},
                                                     {"contact.email:acme", true},
                                                     {"emergency_emails:ops@acme.example", true},
                                                     {"emergency_emails:ops", false},
                                                     {"emergency_emails:*", true},
                                                     {"annotations:color", true},
                                                     {"annotations:colors", false},
                                                     {"annotations:'app/tier.1'", true},
                                                     {"annotations:red", false},
                                                     {"annotations:*", true},
                                                     {"annotations.color:*", true},
                                                     {"annotations.size:*", false},
                                                     {"annotations.'app/tier.1':*", true},
                                                     {"annotations.color:'dark red'", true},
                                                     {"annotations.color:dark", false},
                                                     {"contact:*", true},
                                                     {"contact.given_name:*", true},
                                                     {"contact.family_name:*", false},
                                                     {"contact:\"*\"", true},
                                                     {"delete_time:*", false},
                                                     {"state:*", true},
                                                     {"note:*", true},
                                                     {"address:*", false},
                                                 });
  ExpectCases(FromText<v1::Customer>(""), {{"annotations:*", false},
                                           {"contact:*", false},
                                           {"emergency_emails:*", false},
                                           {"emergency_emails:''", false},
                                           {"contact.email:''", false}});
  ExpectCases(FromText<v1::ServicePlan>(kPlan), {
                                                    {"components:products/mail", true},
                                                    {"components:products", false},
                                                    {"components:*", true},
                                                    {"enabled:*", true},
                                                    {"nfr:*", false},
                                                    {"grace_period_days:*", true},
                                                    {"expiration_notice_days:*", false},
                                                    {"initial_term_months:*", true},
                                                    {"renewal_term_months:*", false},
                                                    {"state:*", true},
                                                    {"version:*", false},
                                                });
}

TEST(FilterTest, PathsLeadThroughMessagesListsAndMaps) {
  ExpectCases(FromText<v1::Customer>(kCustomer), {
                                                     {"contact.given_name = Ada", true},
                                                     {"annotations.color = 'dark red'", true},
                                                     {"annotations.'color' = 'dark red'", true},
                                                     {"annotations.AND = 7", true},
                                                     {"annotations.\"app/tier.1\" = ''", true},
                                                     {"annotations.app/tier = ''", false},
                                                     {"annotations.color > d", true},
                                                     {"annotations.size < z", false},
                                                     {"'contact'.\"email\" = ada*", true},
                                                 });
  ExpectCases(FromText<v1::Subscription>(kSubscription),
              {
                  {"licenses.product = products/mail", true},
                  {"licenses.product:products/mail", true},
                  {"licenses.product:mail", false},
                  {"licenses.product = *mail", true},
                  {"licenses.product = products/x", false},
                  {"licenses.state:ACTIVE", true},
                  {"licenses.state = GRACE", false},
                  {"licenses.units > 19", true},
                  {"licenses.units > 20", false},
                  {"licenses.units:5", true},
                  {"licenses.trial:false", true},
                  {"licenses.start_date:2026-05-02", true},
                  {"licenses.start_date:*", true},
                  {"licenses.expiration_date:*", false},
                  {"licenses:*", true},
                  {"changes:*", false},
                  {"pending_changes = -1", true},
                  {"pending_changes < 0", true},
                  // The two need not be of the same license.
                  {"licenses.product = products/mail AND licenses.state = EXPIRED", true},
                  // != : none is equal.
                  {"licenses.product != products/mail", false},
                  {"licenses.product != products/x", true},
                  {"licenses.used_units = 3", true},
                  {"licenses.used_units = 0", false},
                  {"licenses.used_units != 3", false},
              });
}

TEST(FilterTest, WhatIsUnsetMatchesNothingButNotEqual) {
  ExpectCases(FromText<v1::License>(kLicense),
              {{"used_units = 0", true}, {"used_units:*", true}, {"used_units != 0", false}});
  ExpectCases(FromText<v1::License>("units: 0"), {
                                                     {"units = 0", true},
                                                     {"used_units = 0", false},
                                                     {"used_units != 0", true},
                                                     {"used_units < 1", false},
                                                     {"used_units >= 0", false},
                                                     {"NOT used_units >= 0", true},
                                                     {"expiration_date < 9999-12-31", false},
                                                     {"expiration_date > 0001-01-01", false},
                                                     {"expiration_date != 2026-01-01", true},
                                                     {"NOT create_time > 1970-01-01", true},
                                                     {"create_time != 1970-01-01", true},
                                                     {"create_time = 1970-01-01", false},
                                                     {"state != ACTIVE", true},
                                                     {"NOT state:*", true},
                                                 });
  ExpectCases(FromText<v1::Customer>(""), {
                                              {"contact.email = ''", false},
                                              {"contact.email = *", false},
                                              {"contact.email != ''", true},
                                              {"annotations.a = ''", false},
                                              {"annotations.a != ''", true},
                                              {"annotations.a = *", false},
                                              {"note = ''", true},
                                              {"note = *", true},
                                          });
  ExpectCases(FromText<v1::ScheduledChange>("auto_renewal: false"),
              {{"auto_renewal = false", true}, {"auto_renewal:*", true}, {"renewal_term_months <= 0", false}});
}

TEST(FilterTest, AndOrNotAndParentheses) {
  // x = TRUE and y = FALSE stand for a true and a false comparison.
  const auto resource = FromText<v1::License>(kLicense);
  const auto expect = [&](const std::string& text, bool matches) {
    const std::string filter = absl::StrReplaceAll(text, {{"x", "units=10"}, {"y", "state = GRACE"}});
    ExpectCases(resource, {{filter.c_str(), matches}});
  };
  for (const char* text : {"x",
                           "x AND x",
                           "x x",
                           "x OR y",
                           "y OR x",
                           "NOT y",
                           "-y",
                           "NOT NOT x",
                           "--x",
                           "(x)",
                           "((x))",
                           "x AND (y OR x)",
                           "x AND y OR x",
                           "y OR x AND x",
                           "x OR y AND x OR y",
                           "NOT (x AND y)",
                           "-(x y)",
                           "NOT y OR y",
                           "NOT y AND x",
                           "x -y",
                           "x AND NOT y",
                           "(x)AND(x)",
                           "(x)(x)",
                           "(x)x",
                           "\tx\nAND\rx ",
                           "NOT(y)",
                           "(x AND y) OR x",
                           " ( x ) OR(y)",
                           "( y OR NOT y)"}) {
    expect(text, true);
  }
  for (const char* text :
       {"y", "x AND y", "x y", "y OR y", "NOT x", "-x", "NOT (x OR y)", "x OR x AND y", "y AND x OR x", "x y OR y",
        "NOT x OR y", "NOT(x) OR y", "x OR x y", "(y AND x) OR (x AND y)"}) {
    expect(text, false);
  }
}

// A node as text: (AND a:=… …).
std::string Dump(const FilterNode& node) {
  const char* const ops[] = {"=", "!=", "<", "<=", ">", ">=", ":"};
  if (node.kind == FilterNode::Kind::kCompare) {
    const char* const types[] = {"any", "text ", "int ", "double ", "bool ", "day ", "time "};
    std::string value = types[node.value.index()];
    if (const auto* text = std::get_if<std::string>(&node.value)) {
      absl::StrAppend(&value, node.suffix ? "…" : "", *text, node.prefix ? "…" : "");
    }
    if (const auto* number = std::get_if<int64_t>(&node.value)) absl::StrAppend(&value, *number);
    if (const auto* number = std::get_if<double>(&node.value)) absl::StrAppend(&value, *number);
    if (const auto* truth = std::get_if<bool>(&node.value)) absl::StrAppend(&value, *truth ? "true" : "false");
    if (const auto* day = std::get_if<absl::CivilDay>(&node.value))
      absl::StrAppend(&value, absl::FormatCivilTime(*day));
    if (const auto* time = std::get_if<absl::Time>(&node.value)) absl::StrAppend(&value, absl::ToUnixSeconds(*time));
    const auto name = [](std::string* out, const auto* field) { out->append(field->name()); };
    EXPECT_EQ(absl::StrJoin(node.path, ".", name), node.field);
    return absl::StrCat(node.field, node.map_key.has_value() ? "[" + *node.map_key + "]" : "",
                        ops[static_cast<size_t>(node.op)], value);
  }
  const char* const kinds[] = {"AND", "OR", "NOT"};
  return absl::StrCat(
      "(", kinds[static_cast<size_t>(node.kind)], " ",
      absl::StrJoin(node.children, " ", [](std::string* out, const auto& child) { out->append(Dump(child)); }), ")");
}

TEST(FilterTest, IsATreeInTheTypesOfTheFields) {
  const auto dump = [](const Descriptor& type, absl::string_view text) {
    const absl::StatusOr<Filter> filter = Filter::Parse(type, text);
    return filter.ok() ? Dump(*filter->root()) : filter.status().ToString();
  };
  const Descriptor& license = *v1::License::descriptor();
  EXPECT_EQ(dump(license, "units=1 units=2 OR units=3 AND NOT units=4"),
            "(AND units=int 1 (OR units=int 2 units=int 3) (NOT units=int 4))");
  EXPECT_EQ(dump(license, "(units=1 AND units=2) AND (units=3 OR (units=4 OR units=5))"),
            "(AND units=int 1 units=int 2 (OR units=int 3 units=int 4 units=int 5))");
  EXPECT_EQ(dump(license, "state!=ACTIVE start_date<=2026-02-28 create_time>1970-01-02 trial=true"),
            "(AND state!=text ACTIVE start_date<=day 2026-02-28 create_time>time 86400 trial=bool true)");
  EXPECT_EQ(dump(license, "product=a* product=*a product!=*a* product=* product:a product:*"),
            "(AND product=text a… product=text …a product!=text …a… product=text … product:text a product:any)");
  const Descriptor& customer = *v1::Customer::descriptor();
  EXPECT_EQ(
      dump(customer,
           "contact.email=x annotations.'a b'=c annotations:k annotations.k:v annotations.k:* emergency_emails:e"),
      "(AND contact.email=text x annotations[a b]=text c annotations:text k annotations[k]=text v annotations[k]:any "
      "emergency_emails:text e)");
  EXPECT_EQ(
      dump(*v1::Subscription::descriptor(), "licenses.product:p licenses.units>=2 licenses.state:ACTIVE licenses:*"),
      "(AND licenses.product=text p licenses.units>=int 2 licenses.state=text ACTIVE licenses:any)");
  EXPECT_EQ(dump(*v1::Event::descriptor(), "change.fields.field:units"), "change.fields.field=text units");
}

TEST(FilterTest, KnowsNumbersOfAllKinds) {
  const auto expect = [](const Message& resource, const char* filter, bool matches) {
    ExpectCases(resource, {{filter, matches}});
  };
  expect(FromText<google::protobuf::DoubleValue>("value: 1.5"), "value = 1.5", true);
  expect(FromText<google::protobuf::DoubleValue>("value: 1.5"), "value > 15e-1", false);
  expect(FromText<google::protobuf::DoubleValue>("value: nan"), "value >= -1e300", false);
  expect(FromText<google::protobuf::FloatValue>("value: 0.25"), "value <= .25", true);
  expect(FromText<google::protobuf::Int64Value>("value: -9223372036854775808"), "value = -9223372036854775808", true);
  expect(FromText<google::protobuf::UInt32Value>("value: 4294967295"), "value = 4294967295", true);
  expect(FromText<google::protobuf::UInt64Value>("value: 18446744073709551615"), "value > 9223372036854775807", true);
  expect(FromText<google::protobuf::BytesValue>("value: 'x'"), "value:*", true);
}

}  // namespace
}  // namespace lmp::wire

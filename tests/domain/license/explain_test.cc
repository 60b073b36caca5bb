#include "server/domain/license/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/domain/vector_file.h"

namespace lmp::domain {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A license with its owners, and what happened to them so far.
struct Tale {
  model::License license{.customer_id = "acme", .license_id = "one", .product_id = "cas"};
  model::Customer customer{.customer_id = "acme", .partner_id = "msp"};
  model::Partner partner{.partner_id = "msp"};
  model::Product product{.product_id = "cas"};
  LicenseHistory history;
  int64_t events = 0;

  model::World World() const {
    model::World world;
    world.MutableCatalog().partners[KeyOf(partner)] = partner;
    world.MutableCatalog().products[KeyOf(product)] = product;
    world.customers[KeyOf(customer)] = customer;
    world.licenses[KeyOf(license)] = license;
    return world;
  }
};

bool SetFact(const std::string& phrase, model::License& license) {
  const std::vector<std::string> words = Words(phrase);
  const int64_t grace = license.grace_end_date - license.expiration_date;
  if (words.size() == 2 && words[1] == "units" && ParseNumber(words[0])) {
    license.units = *ParseNumber(words[0]);
  } else if (words.size() == 3 && words[1] == "to" && ParseDate(words[0]) && ParseDate(words[2])) {
    license.start_date = *ParseDate(words[0]);
    license.expiration_date = *ParseDate(words[2]);
    license.grace_end_date = license.expiration_date + grace;
  } else if (words.size() == 2 && words[0] == "to" && ParseDate(words[1])) {
    license.expiration_date = *ParseDate(words[1]);
    license.grace_end_date = license.expiration_date + grace;
  } else if (words.size() == 2 && words[0] == "grace" && ParseNumber(words[1])) {
    license.grace_end_date = license.expiration_date + *ParseNumber(words[1]);
  } else if (words.size() == 2 && words[0] == "anchor" && ParseDate(words[1])) {
    license.anchor_date = *ParseDate(words[1]);
  } else if (words.size() == 2 && words[0] == "notice" && ParseNumber(words[1])) {
    license.expiration_notice_days = *ParseNumber(words[1]);
  } else if (words.size() == 2 && words[0] == "in") {
    license.subscription_id = words[1];
  } else if (phrase == "unbundled") {
    license.subscription_id.reset();
  } else if (phrase == "NFR") {
    license.nfr = true;
  } else if (words.size() == 2 && words[0] == "suspended" && ParseDate(words[1])) {
    license.suspend_date = ParseDate(words[1]);
  } else if (phrase == "not suspended") {
    license.suspend_date.reset();
  } else if (phrase == "closed") {
    license.closed = true;
  } else if (phrase == "first sign-in") {
    license.activation_policy = model::ActivationPolicy::kOnFirstSignIn;
  } else {
    return false;
  }
  return true;
}

template <class Row>
void Record(const model::Event& event, const Row& before, const Row& after, std::vector<Recorded<Row>>& history) {
  history.push_back({event, before, after});
}

// "2026-01-20 CUSTOMER_DISABLED, customer" and "DISABLED".
bool Happen(const std::string& key, const std::string& value, Tale& tale) {
  const std::vector<std::string> phrases = Phrases(key);
  const std::vector<std::string> words = Words(phrases[0]);
  if (words.size() != 2 || !ParseDate(words[0])) return false;
  const Date day = *ParseDate(words[0]);
  model::Event event{
      .event_id = ++tale.events, .event_time = absl::FromCivil(day, absl::UTCTimeZone()), .kind = words[1]};
  const Tale before = tale;
  for (size_t i = 1; i < phrases.size(); ++i) {
    if (phrases[i] == "by time") {
      event.effective_date = day;
      event.event_time += absl::Hours(100);  // noticed days later
    } else if (phrases[i] == "not stored") {
      event.event_id = 0;
    } else if (phrases[i] == "customer") {
      tale.customer.state = model::ParseEnum<model::CustomerState>(value).value_or(tale.customer.state);
      if (value == "deleted") tale.customer.delete_time = event.event_time;
      Record(event, before.customer, tale.customer, tale.history.customer);
      return !(before.customer == tale.customer);
    } else if (phrases[i] == "partner") {
      tale.partner.state = model::ParseEnum<model::PartnerState>(value).value_or(tale.partner.state);
      Record(event, before.partner, tale.partner, tale.history.partner);
      return !(before.partner == tale.partner);
    } else if (phrases[i] == "product") {
      tale.product.end_of_life_date = ParseDate(Words(value).back());
      Record(event, before.product, tale.product, tale.history.product);
      return tale.product.end_of_life_date.has_value();
    } else {
      return false;
    }
  }
  for (const std::string& fact : Phrases(value)) {
    if (!SetFact(fact, tale.license)) return false;
  }
  tale.license.stamp.update_time = event.event_time;
  Record(event, before.license, tale.license, tale.history.license);
  if (tale.history.license.size() == 1) tale.history.license[0].before.reset();
  return true;
}

template <class Row>
std::vector<Recorded<Row>> LastOf(const std::vector<Recorded<Row>>& history) {
  LastChanges<Row> last;
  for (auto change = history.rbegin(); change != history.rend(); ++change) last.AddOlder(*change);
  return last.TakeOldestFirst();
}

// What is said with the last change of each column alone.
std::vector<std::string> Said(const Tale& tale, Date today, bool last_alone) {
  LicenseHistory history = tale.history;
  if (last_alone) {
    history = {LastOf(history.license), LastOf(history.customer), LastOf(history.partner), LastOf(history.product)};
  }
  const model::World world = tale.World();
  std::vector<std::string> said;
  for (const Explanation& explanation : ExplainLicense(world, world.licenses.begin()->second, history, today))
    said.push_back(absl::StrCat(explanation.rule, " ", explanation.event.value_or(model::Event()).event_id));
  return said;
}

TEST(ExplainLicense, SaysWhatTheTableSays) {
  const VectorFile file = ReadVectorFile("explain.txt");
  EXPECT_THAT(file.problems, IsEmpty());
  Tale tale;
  std::optional<Date> today;
  int explained = 0;
  for (const Line& line : file.lines) {
    SCOPED_TRACE(absl::StrCat(line.where, ": ", line.key));
    if (line.key == "customer") {
      tale = Tale();
    } else if (line.key == "today") {
      today = ParseDate(line.value);
      ASSERT_TRUE(today.has_value()) << "can't read this day";
    } else if (ParseDate(line.key.substr(0, 10))) {
      ASSERT_TRUE(Happen(line.key, line.value, tale)) << "can't read this event";
    } else {
      ASSERT_TRUE(today.has_value());
      EXPECT_EQ(Said(tale, *today, true), Said(tale, *today, false));
      const model::World world = tale.World();
      bool found = false;
      for (const Explanation& explanation :
           ExplainLicense(world, world.licenses.begin()->second, tale.history, *today)) {
        if (explanation.field != line.key) continue;
        found = true;
        EXPECT_EQ(explanation.rule, line.value);
        const model::Event& last = tale.history.license.back().event;
        const bool of_time = line.key == "state" && line.value.back() != ')';  // it names no event
        const bool unstored = last.event_id == 0 && absl::StrContains(line.value, last.kind);
        EXPECT_EQ(explanation.event.has_value(), !of_time && !unstored) << "the event it names, and no other";
        EXPECT_THAT(explanation.rule, HasSubstr(explanation.event.value_or(model::Event()).kind));
      }
      EXPECT_TRUE(found) << "no such field is explained";
      ++explained;
    }
  }
  EXPECT_GT(explained, 30);
}

TEST(LastChanges, KeepsOneOfEachColumnHoweverManyThereWere) {
  Tale tale;
  ASSERT_TRUE(Happen("2026-01-15 SERVICE_PLAN_ASSIGNED", "10 units, 2026-01-15 to 2026-02-15, in first", tale));
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(Happen("2026-01-16 SUBSCRIPTION_UPDATED", absl::StrCat(i + 11, " units"), tale));
    ASSERT_TRUE(Happen("2026-01-17 LICENSE_UPDATED", absl::StrCat("notice ", i + 1), tale));
  }
  std::vector<int64_t> kept;
  for (const auto& change : LastOf(tale.history.license)) kept.push_back(change.event.event_id);
  EXPECT_THAT(kept, ::testing::ElementsAre(1, 200, 201));
}

TEST(ExplainLicense, ExplainsEachFieldOnceAndInOrder) {
  Tale tale;
  ASSERT_TRUE(Happen("2026-01-15 SERVICE_PLAN_ASSIGNED",
                     "10 units, 2026-01-15 to 2026-02-15, anchor 2026-01-15, in first", tale));
  std::vector<std::string> fields;
  for (const auto& explanation : ExplainLicense(tale.World(), tale.license, tale.history, Date(2026, 1, 15))) {
    fields.push_back(explanation.field);
  }
  EXPECT_THAT(fields, ::testing::ElementsAre("units", "start_date", "expiration_date", "grace_end_date", "subscription",
                                             "state"));
}

TEST(ExplainLicense, SaysSoIfNoEventTells) {
  const Tale tale;
  const auto explanations = ExplainLicense(tale.World(), tale.license, tale.history, Date(2026, 1, 15));
  EXPECT_EQ(explanations[0].rule, "no event tells");
  EXPECT_FALSE(explanations[0].event.has_value());
}

}  // namespace
}  // namespace lmp::domain

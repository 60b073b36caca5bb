#include "server/domain/license/usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/domain/vector_file.h"

namespace lmp::domain {
namespace {

using model::Date;
using ::testing::IsEmpty;

absl::Time At(Date day, int hour = 0) { return absl::FromCivil(absl::CivilHour(day) + hour, absl::UTCTimeZone()); }

// "2026-03-10" or "2026-03-10T1200"
std::optional<absl::Time> ReadInstant(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, 'T');
  const auto day = ParseDate(parts[0]);
  if (!day.has_value() || parts.size() > 2) return std::nullopt;
  if (parts.size() == 1) return At(*day);
  const auto clock = ParseNumber(parts[1]);
  if (!clock.has_value()) return std::nullopt;
  return At(*day) + absl::Hours(*clock / 100) + absl::Minutes(*clock % 100);
}

// "2026-03-01 30 used 12"
std::optional<UsageStep> ReadStep(const std::string& phrase) {
  const std::vector<std::string> words = Words(phrase);
  if (words.size() != 2 && !(words.size() == 4 && words[2] == "used" && ParseNumber(words[3]))) return std::nullopt;
  const auto from = ReadInstant(words[0]);
  if (!from.has_value() || !ParseNumber(words[1])) return std::nullopt;
  UsageStep step{*from, *ParseNumber(words[1]), std::nullopt};
  if (words.size() == 4) step.used = ParseNumber(words[3]);
  return step;
}

std::string Described(const UsagePeak& peak) {
  return absl::StrCat(peak.provisioned, " provisioned, ", peak.used ? absl::StrCat(*peak.used, " used") : "never used",
                      ", ", OverProvisionedPercent(peak), "% over-provisioned, ", ChargeableUnits(peak), " chargeable");
}

TEST(Usage, IsAsTheTableSays) {
  const VectorFile file = ReadVectorFile("usage.txt");
  EXPECT_THAT(file.problems, IsEmpty());
  UsageTimeline timeline;
  int checked = 0;
  for (const Line& line : file.lines) {
    SCOPED_TRACE(absl::StrCat(line.where, ": ", line.key, ": ", line.value));
    if (line.key == "timeline") {
      timeline.clear();
      for (const std::string& phrase : Phrases(line.value)) {
        const auto step = ReadStep(phrase);
        ASSERT_TRUE(step.has_value()) << phrase;
        timeline.push_back(*step);
      }
      continue;
    }
    const std::vector<std::string> words = Words(line.key);
    ASSERT_TRUE(words.size() == 3 && words[1] == "to") << "can't read this span";
    const auto start = ReadInstant(words[0]), end = ReadInstant(words[2]);
    ASSERT_TRUE(start.has_value() && end.has_value()) << "can't read this span";
    EXPECT_EQ(Described(PeakOf(timeline, *start, *end)), line.value);
    ++checked;
  }
  EXPECT_GT(checked, 10);
}

// A customer of one product, over March 2026.
class UsageTimelinesTest : public ::testing::Test {
 protected:
  UsageTimelinesTest() {
    world_.MutableCatalog().partners[{"msp", ""}] = model::Partner{.partner_id = "msp"};
    world_.MutableCatalog().products[{"cas", ""}] = model::Product{.product_id = "cas"};
    world_.customers[{"acme", ""}] = model::Customer{.customer_id = "acme", .partner_id = "msp"};
  }
  static model::License SomeLicense(const std::string& id, int units, Date start, Date expiration) {
    return {.customer_id = "acme",
            .license_id = id,
            .product_id = "cas",
            .units = units,
            .start_date = start,
            .expiration_date = expiration,
            .grace_end_date = expiration + 5};
  }
  void Have(const model::License& license) { world_.licenses[KeyOf(license)] = license; }
  static DatedChange Now(absl::Time time, const model::License& license) {
    DatedChange dated_change{time, {}};
    dated_change.change.licenses.push_back({std::nullopt, license});
    return dated_change;
  }
  std::map<std::string, UsageTimeline> Timelines(const std::vector<DatedChange>& dated_changes) {
    UsageRecorder recorder(world_, "acme", kStart, kEnd);
    for (const DatedChange& dated_change : dated_changes) recorder.Add(dated_change);
    return std::move(recorder).Finish();
  }
  // "2026-03-01 10; 2026-03-05T1200 0 used 3"
  std::string Timeline(const std::vector<DatedChange>& dated_changes = {}) {
    std::string text;
    for (const auto& [product, timeline] : Timelines(dated_changes)) {
      EXPECT_EQ(product, "cas");
      for (const UsageStep& step : timeline) {
        absl::StrAppend(&text, text.empty() ? "" : "; ",
                        absl::FormatTime("%m-%d %H:%M", step.from, absl::UTCTimeZone()), " ", step.provisioned,
                        step.used ? absl::StrCat(" used ", *step.used) : "");
      }
    }
    return text;
  }

  const absl::Time kStart = At(Date(2026, 3, 1)), kEnd = At(Date(2026, 4, 1));
  model::World world_;
};

TEST_F(UsageTimelinesTest, LicensesStartAndEndAtMidnightWithTheirGrace) {
  Have(SomeLicense("one", 10, Date(2026, 3, 5), Date(2026, 3, 20)));
  EXPECT_EQ(Timeline(), "03-05 00:00 10; 03-25 00:00 0");
}

TEST_F(UsageTimelinesTest, LicensesOfAProductAddUp) {
  Have(SomeLicense("one", 10, Date(2026, 1, 1), Date(2027, 1, 1)));
  model::License used = SomeLicense("two", 20, Date(2026, 3, 10), Date(2027, 1, 1));
  used.used_units = 7;
  Have(used);
  EXPECT_EQ(Timeline(), "03-01 00:00 10; 03-10 00:00 30 used 7");
}

TEST_F(UsageTimelinesTest, TrialsNfrAndUnusableLicensesDoNotCount) {
  model::License trial = SomeLicense("trial", 1, Date(2026, 1, 1), Date(2027, 1, 1));
  trial.version = model::PlanVersion::kTrial;
  Have(trial);
  model::License nfr = SomeLicense("nfr", 1, Date(2026, 1, 1), Date(2027, 1, 1));
  nfr.nfr = true;
  Have(nfr);
  model::License waits = SomeLicense("waits", 1, Date(2026, 1, 1), Date(2027, 1, 1));
  waits.activation_policy = model::ActivationPolicy::kOnFirstSignIn;
  Have(waits);
  Have(SomeLicense("later", 1, Date(2026, 4, 1), Date(2027, 1, 1)));
  Have(SomeLicense("over", 1, Date(2025, 1, 1), Date(2026, 2, 1)));
  EXPECT_EQ(Timeline(), "");
}

TEST_F(UsageTimelinesTest, ASuspensionStopsThemOnItsDay) {
  model::License license = SomeLicense("one", 10, Date(2026, 1, 1), Date(2027, 1, 1));
  Have(license);
  license.suspend_date = Date(2026, 3, 12);
  EXPECT_EQ(Timeline({Now(At(Date(2026, 3, 10), 9), license)}), "03-01 00:00 10; 03-12 00:00 0");
}

TEST_F(UsageTimelinesTest, ChangesCountFromTheirInstant) {
  model::License license = SomeLicense("one", 10, Date(2026, 1, 1), Date(2027, 1, 1));
  Have(license);
  std::vector<DatedChange> dated_changes;
  for (const auto& [hour, units] : {std::pair(9, 40), std::pair(11, 15)}) {
    license.units = units;
    dated_changes.push_back(Now(At(Date(2026, 3, 10), hour), license));
  }
  EXPECT_EQ(Timeline(dated_changes), "03-01 00:00 10; 03-10 09:00 40; 03-10 11:00 15");
}

TEST_F(UsageTimelinesTest, WhatCameBeforeTheMonthLeadsToItsFirstInstant) {
  model::License license = SomeLicense("one", 10, Date(2026, 1, 1), Date(2027, 1, 1));
  Have(license);
  license.units = 11;
  std::vector<DatedChange> dated_changes{Now(kStart - absl::Hours(3), license)};
  license.units = 12;
  dated_changes.push_back(Now(kStart, license));
  license.units = 13;
  dated_changes.push_back(Now(kEnd, license));  // and what comes after it is not seen
  EXPECT_EQ(Timeline(dated_changes), "03-01 00:00 12");
}

TEST_F(UsageTimelinesTest, OwnersOverlayAllOfThem) {
  Have(SomeLicense("one", 10, Date(2026, 1, 1), Date(2027, 1, 1)));
  DatedChange disabled{At(Date(2026, 3, 7), 15), {}}, enabled{At(Date(2026, 3, 8), 8), {}},
      canceled{At(Date(2026, 3, 20), 1), {}};
  model::Customer customer = world_.customers.at({"acme", ""});
  enabled.change.customers.push_back({std::nullopt, customer});
  customer.state = model::CustomerState::kDisabled;
  disabled.change.customers.push_back({std::nullopt, customer});
  canceled.change.partners.push_back({std::nullopt, {.partner_id = "msp", .state = model::PartnerState::kCanceled}});
  EXPECT_EQ(Timeline({disabled, enabled, canceled}), "03-01 00:00 10; 03-07 15:00 0; 03-08 08:00 10; 03-20 01:00 0");
}

TEST_F(UsageTimelinesTest, ALicenseThatChangesItsLevelCountsForTheOneAndThenTheOther) {
  model::License license = SomeLicense("one", 10, Date(2026, 1, 1), Date(2027, 1, 1));
  Have(license);
  license.product_id = "cas-advanced";
  const auto timelines = Timelines({Now(At(Date(2026, 3, 10)), license)});
  ASSERT_EQ(timelines.size(), 2U);
  EXPECT_EQ(PeakOf(timelines.at("cas"), kStart, kEnd), (UsagePeak{10, std::nullopt}));
  EXPECT_EQ(PeakOf(timelines.at("cas"), At(Date(2026, 3, 10)), kEnd), (UsagePeak{0, std::nullopt}));
  EXPECT_EQ(PeakOf(timelines.at("cas-advanced"), kStart, kEnd), (UsagePeak{10, std::nullopt}));
}

}  // namespace
}  // namespace lmp::domain

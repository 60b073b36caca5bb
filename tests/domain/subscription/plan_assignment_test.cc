// The examples under vectors/, each a test of its own.
#include "server/domain/subscription/plan_assignment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "server/domain/license/pool.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "tests/domain/assign_case.h"
#include "tests/domain/assign_check.h"
#include "tests/domain/demo_catalog.h"
#include "tests/domain/fake_ids.h"

namespace lmp::domain {
namespace {

constexpr const char* kFiles[] = {"assign_dates.txt",        "assign_refused.txt",   "crossgrade_service.txt",
                                  "crossgrade_software.txt", "crossgrade_suite.txt", "trial_nfr.txt"};

std::vector<AssignCase> AllCases() {
  std::vector<AssignCase> all;
  for (const char* file : kFiles) {
    for (AssignCase& example : ReadAssignCases(file)) all.push_back(std::move(example));
  }
  return all;
}

// "assign_dates_12_A_month_from_31_January": file, line, name
std::string TestName(const testing::TestParamInfo<AssignCase>& info) {
  std::string name;
  const std::string where = absl::StrReplaceAll(info.param.where, {{".txt", ""}});
  for (const char c : absl::StrCat(where, " ", info.param.name)) {
    if (absl::ascii_isalnum(c)) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  return name;
}

// The decision and what follows every decision.
absl::StatusOr<AssignServicePlanResult> Assign(const AssignCase& example, model::World& world) {
  FakeIds ids;
  const Env env{.now = absl::FromCivil(example.today, absl::UTCTimeZone()) + absl::Hours(15),
                .today = example.today,
                .caller = example.caller,
                .ids = ids};
  for (auto& [key, license] : world.licenses) {  // as time has it, before any command is looked at (due.h)
    if (license.closed || example.today < license.grace_end_date) continue;
    license.closed = true;
    license.stamp.update_time = env.now;
  }
  const model::World before = world;
  absl::StatusOr<AssignServicePlanResult> result = AssignServicePlan(world, example.command, env);
  if (!result.ok()) {
    CheckUnchanged(before, world);  // refused: nothing half done
    return result;
  }
  const absl::Status settled = SettlePools(example.before, world);
  if (!settled.ok()) return settled;
  return result;
}

std::string OutcomeOf(const absl::Status& status) {
  if (status.ok()) return "OK";
  return absl::StrCat(absl::StatusCodeToString(status.code()), " ", RefusalOf(status).reason);
}

// The list of plans to choose from must not promise what the assignment refuses, nor refuse what it would do.
void CheckListSaysTheSame(const AssignCase& example, const std::string& outcome) {
  const auto* customer = Find(example.before.customers, example.command.customer_id);
  const auto* plan = Find(example.before.catalog->service_plans, example.command.service_plan_id);
  if (customer == nullptr || plan == nullptr) return;
  FakeIds ids;
  const Env env{.now = absl::UnixEpoch(), .today = example.today, .caller = example.caller, .ids = ids};
  const Holdings holdings(example.before, customer->customer_id);
  const std::string listed = RefusalOf(CheckPlanForCustomer(example.before, *customer, holdings, *plan, env)).reason;
  if (outcome == "OK") {
    EXPECT_THAT(listed, testing::AnyOf("", reason::kCrossgradeRequired));
    return;
  }
  static const std::set<std::string> kDependOnNoForm = {
      reason::kCustomerDisabled, reason::kPlanDisabled,     reason::kPlanLocked,      reason::kProductEndOfSale,
      reason::kProductEndOfLife, reason::kNfrAlreadyHeld,   reason::kTrialAfterFull,  reason::kTrialRepeated,
      reason::kCustomerDeleted,  reason::kPartnerSuspended, reason::kPartnerCanceled, reason::kCrossgradeRequired};
  const std::string refused = outcome.substr(outcome.find(' ') + 1);
  if (kDependOnNoForm.count(refused) > 0) {
    EXPECT_EQ(listed, refused);
  }
}

// The same question again gets the same answer.
void CheckIsPure(const AssignCase& example, const absl::Status& status, const model::World& world) {
  model::World again = example.before;
  EXPECT_EQ(Assign(example, again).status(), status);
  CheckUnchanged(world, again);
  EXPECT_EQ(again.pools, world.pools);
}

class AssignExample : public testing::TestWithParam<AssignCase> {};

TEST_P(AssignExample, IsDecidedAsWritten) {
  const AssignCase& example = GetParam();
  ASSERT_THAT(example.problems, testing::IsEmpty()) << "the example can't be read";
  SCOPED_TRACE(absl::StrCat(example.where, ": ", example.name));
  model::World world = example.before;
  const absl::StatusOr<AssignServicePlanResult> result = Assign(example, world);
  ASSERT_EQ(OutcomeOf(result.status()), example.outcome) << result.status();
  CheckListSaysTheSame(example, example.outcome);
  CheckIsPure(example, result.status(), world);
  if (result.ok()) {
    CheckExpectedOutcome(example, world, *result);
    CheckAlwaysTrue(example, world, *result);
  } else {
    CheckExpectedRefusal(example, result.status());
  }
}

INSTANTIATE_TEST_SUITE_P(Vectors, AssignExample, testing::ValuesIn(AllCases()), TestName);

TEST(AssignExamples, AreManyAndHaveNamesOfTheirOwn) {
  EXPECT_THAT(TheDemoCatalog().problems, testing::IsEmpty());
  std::set<std::string> names;
  for (const AssignCase& example : AllCases()) {
    EXPECT_TRUE(names.insert(example.name).second) << example.where << ": another case has this name";
  }
  EXPECT_GE(names.size(), 80u);
}

// A test of the tests: a line that nobody understands must not pass in silence.
TEST(AssignExamples, WithLinesThatCannotBeReadFail) {
  const std::vector<AssignCase> cases = ReadAssignCases("unreadable_on_purpose.txt");
  std::vector<std::string> problems;
  for (const AssignCase& example : cases) {
    problems.insert(problems.end(), example.problems.begin(), example.problems.end());
  }
  using testing::StartsWith;
  EXPECT_THAT(problems, testing::UnorderedElementsAre(
                            StartsWith("unreadable_on_purpose.txt:2: "), StartsWith("unreadable_on_purpose.txt:5: "),
                            StartsWith("unreadable_on_purpose.txt:6: "), StartsWith("unreadable_on_purpose.txt:7: "),
                            StartsWith("unreadable_on_purpose.txt:9: "), StartsWith("unreadable_on_purpose.txt:10: ")));
}

}  // namespace
}  // namespace lmp::domain

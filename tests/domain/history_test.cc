// The histories under vectors/histories/, each a test of its own.
#include "tests/domain/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/domain/refusal.h"

namespace lmp::domain {
namespace {

constexpr char kUnreadable[] = "unreadable_on_purpose.txt";

std::vector<History> AllHistories() {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(absl::StrCat(LMP_DOMAIN_VECTORS, "/histories"))) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() == ".txt" && path.filename() != kUnreadable) files.insert(path.filename());
  }
  std::vector<History> all;
  for (const std::string& file : files) {
    for (History& history : ReadHistories(absl::StrCat("histories/", file))) all.push_back(std::move(history));
  }
  return all;
}

// "renewals_12_A_month_from_31_January": file, line, name
std::string TestName(const testing::TestParamInfo<History>& info) {
  std::string name;
  const std::string where = absl::StrReplaceAll(info.param.where, {{"histories/", ""}, {".txt", ""}});
  for (const char c : absl::StrCat(where, " ", info.param.name)) {
    if (absl::ascii_isalnum(c)) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  return name;
}

// Whether the worker runs must make no difference to what anybody sees.
enum class Worker { kNever, kEveryDay };

std::string OutcomeOf(const absl::Status& status) {
  if (status.ok()) return "OK";
  const std::string reason = RefusalOf(status).reason;
  return reason.empty() ? status.ToString() : reason;
}

void NoteNewLicenses(Story& story) {
  for (const auto& [key, license] : story.life.world.licenses) story.issued.emplace(key.second, story.life.today);
}

// A pool has given away exactly what the licenses hold.
void ExpectPoolsAddUp(const Story& story) {
  std::map<model::RowKey, int> assigned = story.elsewhere;
  for (const auto& [key, license] : story.life.world.licenses) {
    if (!license.closed) assigned[{Life::kPartner, license.product_id}] += license.units;
  }
  for (const auto& [key, pool] : story.life.world.pools) {
    EXPECT_EQ(pool.assigned, assigned[key]) << "units assigned of pool " << key.second;
  }
}

void Play(const HistoryLine& line, Story& story) {
  if (line.look != nullptr) return line.look(story);
  const absl::Status status = line.act(story);
  if (!status.ok()) story.refusal = status;
  EXPECT_EQ(OutcomeOf(status), line.refused.empty() ? "OK" : line.refused) << status;
  NoteNewLicenses(story);
  ExpectPoolsAddUp(story);
}

// Returns all that time did by itself.
std::vector<std::string> Play(const History& history, Worker worker) {
  SCOPED_TRACE(worker == Worker::kNever ? "nobody looked in between" : "the worker looked every day");
  Story story;
  for (const auto& given : history.given) given(story);
  story.life.today = history.lines.front().day;
  for (const HistoryLine& line : history.lines) {
    SCOPED_TRACE(absl::StrCat(line.where, ": on ", ToString(line.day), ": ", line.text));
    if (worker == Worker::kNever) {
      story.life.today = line.day;
    } else {
      while (story.life.today < line.day) {
        ++story.life.today;
        story.life.TimePasses();
      }
    }
    Play(line, story);
    if (testing::Test::HasFailure()) return {};  // what follows would only confuse
  }
  std::vector<std::string> steps;
  for (const LifeStep& step : story.life.Now().steps) steps.push_back(absl::StrCat(step.what, " ", ToString(step.day)));
  return steps;
}

class HistoryTest : public testing::TestWithParam<History> {};

TEST_P(HistoryTest, GoesAsWritten) {
  const History& history = GetParam();
  ASSERT_THAT(history.problems, testing::IsEmpty()) << "the history can't be read";
  SCOPED_TRACE(absl::StrCat(history.where, ": ", history.name));
  const std::vector<std::string> at_once = Play(history, Worker::kNever);
  if (HasFailure()) return;
  const std::vector<std::string> day_by_day = Play(history, Worker::kEveryDay);
  if (HasFailure()) return;
  EXPECT_EQ(at_once, day_by_day);
}

INSTANTIATE_TEST_SUITE_P(Vectors, HistoryTest, testing::ValuesIn(AllHistories()), TestName);

TEST(Histories, AreManyAndHaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const History& history : AllHistories()) {
    EXPECT_TRUE(names.insert(history.name).second) << history.where << ": another case has this name";
  }
  EXPECT_GE(names.size(), 100u);
}

// A test of the tests: a line that nobody understands must not pass in silence.
TEST(Histories, WithLinesThatCannotBeReadFail) {
  const std::string file = absl::StrCat("histories/", kUnreadable);
  std::set<int> lines;
  for (const History& history : ReadHistories(file)) {
    for (const std::string& problem : history.problems) {
      int line = 0;
      const std::string after = problem.substr(file.size() + 1);
      ASSERT_TRUE(absl::SimpleAtoi(after.substr(0, after.find(':')), &line)) << problem;
      lines.insert(line);
    }
  }
  std::set<int> expected = {2, 24, 26};  // before the first case; before the line above; a case that expects nothing
  for (int line = 5; line <= 19; ++line) expected.insert(line);
  EXPECT_EQ(lines, expected);
}

}  // namespace
}  // namespace lmp::domain

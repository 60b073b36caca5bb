// Reasons and advisories: those of the protos, of the code and of the README are the same.
#include <google/protobuf/descriptor.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lmp/v1/advisory.pb.h"
#include "server/domain/decision/advisories.h"
#include "tests/wire/contract.h"
#include "tests/wire/wire_test_support.h"

namespace lmp::wire {
namespace {

using google::protobuf::EnumDescriptor;
using ::testing::IsEmpty;

// The names in a file of constants, such as reasons.h.
std::set<std::string> Constants(const std::string& file) {
  static const std::regex constant("inline constexpr char k\\w+\\[\\] = \"(\\w+)\";");
  const std::string text = ReadText(absl::StrCat(Root(), "/server/domain/", file));
  std::set<std::string> names;
  for (std::sregex_iterator it(text.begin(), text.end(), constant), end; it != end; ++it) names.insert((*it)[1]);
  return names;
}

// What the server's other sources spell out and should take from the constants.
std::set<std::string> SpelledOut(const std::set<std::string>& names) {
  static const std::regex literal("\"([A-Z][A-Z0-9_]+)\"");
  std::set<std::string> found;
  for (const auto& file : std::filesystem::recursive_directory_iterator(Root() + "/server")) {
    if (file.path().extension() != ".cc" && file.path().extension() != ".h") continue;
    if (file.path().filename() == "reasons.h" || file.path().filename() == "event_kinds.h") continue;
    const std::string text = ReadText(file.path());
    for (std::sregex_iterator it(text.begin(), text.end(), literal), end; it != end; ++it) {
      if (names.contains((*it)[1])) found.insert(absl::StrCat(file.path().filename().string(), " ", (*it)[1].str()));
    }
  }
  return found;
}

TEST(ReasonTest, TheConstantsAreTheEnum) {
  EXPECT_THAT(Constants("reasons.h"), ::testing::ContainerEq(Reasons()));
  EXPECT_THAT(SpelledOut(Reasons()), IsEmpty());
}

// Event kinds: the constants, and the table of proto/README.md.
TEST(EventKindTest, TheConstantsAreThoseOfTheTable) {
  const std::set<std::string> kinds = Constants("event_kinds.h");
  const std::string text = ReadText(Root() + "/proto/README.md");
  const size_t begin = text.find("## Kinds of events");
  ASSERT_NE(begin, std::string::npos);
  const std::string section = text.substr(begin, text.find("\n## ", begin + 1) - begin);
  static const std::regex row("\\| `([A-Z_]+)` \\|");
  std::set<std::string> table;
  for (std::sregex_iterator it(section.begin(), section.end(), row), end; it != end; ++it) table.insert((*it)[1]);
  EXPECT_EQ(table, kinds);
  EXPECT_THAT(SpelledOut(kinds), IsEmpty());
}

// The rows of the table below this heading of proto/README.md: first cell → second cell.
std::map<std::string, std::string> TableOf(const std::string& heading, size_t columns) {
  std::map<std::string, std::string> table;
  bool inside = false;
  for (const absl::string_view line : absl::StrSplit(ReadText(absl::StrCat(Root(), "/proto/README.md")), '\n')) {
    if (absl::StartsWith(line, "## ")) inside = line == absl::StrCat("## ", heading);
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    static const std::regex name(" `([A-Z_]+)` ");
    std::smatch match;
    if (!inside || cells.size() < 2 || !std::regex_match(cells[1], match, name)) continue;
    EXPECT_EQ(cells.size(), columns + 2) << line;
    for (size_t i = 2; i + 1 < cells.size(); ++i) EXPECT_GT(absl::StripAsciiWhitespace(cells[i]).size(), 3U) << line;
    EXPECT_TRUE(table.emplace(match[1], absl::StripAsciiWhitespace(cells[2])).second) << match[1] << " is there twice";
  }
  return table;
}

TEST(ReasonTest, EveryReasonIsInTheTableOfTheReadmeWithItsCode) {
  const std::map<std::string, std::string> table = TableOf("Reasons", 4);
  EXPECT_EQ(table, CodesInProto());
  std::set<std::string> listed;
  for (const auto& [reason, code] : table) listed.insert(reason);
  EXPECT_EQ(listed, Reasons());
}

// Advisories.

TEST(AdvisoryTest, EveryCodeIsInTheTableOfTheReadmeAndHasAnExample) {
  const std::map<std::string, std::string> table = TableOf("Advisories", 3);
  const std::string examples = ReadText(absl::StrCat(Root(), "/tests/domain/vectors/histories/advisories.txt"));
  const EnumDescriptor* codes = v1::AdvisoryCode_descriptor();
  for (int i = 0; i < codes->value_count(); ++i) {
    const google::protobuf::EnumValueDescriptor& code = *codes->value(i);
    EXPECT_EQ(domain::NameOf(static_cast<domain::AdvisoryCode>(code.number())), code.name());
    if (code.number() == 0) continue;
    EXPECT_TRUE(table.contains(code.name())) << code.name();
    EXPECT_THAT(examples, ::testing::HasSubstr(absl::StrCat(", ", code.name(), " "))) << "no example has it";
  }
  EXPECT_EQ(table.size(), static_cast<size_t>(codes->value_count() - 1));
}

}  // namespace
}  // namespace lmp::wire

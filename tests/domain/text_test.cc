#include "server/domain/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "tests/domain/vector_file.h"

namespace lmp::domain {
namespace {

TEST(TextFault, IsAsTheExamplesSay) {
  const VectorFile file = ReadVectorFile("texts.txt");
  EXPECT_THAT(file.problems, testing::IsEmpty());
  for (const Line& line : file.lines) {
    const absl::string_view value = line.value;
    const size_t end = value.rfind('"');
    std::string text;
    const bool readable = (line.key == "one line" || line.key == "lines") && value.size() > 1 && value[0] == '"' &&
                          end > 0 && absl::CUnescape(value.substr(1, end - 1), &text);
    ASSERT_TRUE(readable) << line.where << ": " << line.value;
    const std::string wanted(absl::StripAsciiWhitespace(value.substr(end + 1)));
    const std::string fault = TextFault(text, line.key == "lines" ? Lines::kMany : Lines::kOne);
    EXPECT_EQ(fault.empty() ? "is fine" : fault, wanted) << line.where << ": " << line.value;
  }
}

TEST(TextFault, IsFoundWhereverItStands) {
  for (const char* bad : {"\x1b", "\xc2\x85", "\xe2\x80\xae", "\xd8\x9c"}) {
    for (size_t at = 0; at <= 3; ++at) {
      std::string text = "aéx";  // 4 bytes: not inside the é
      text.insert(at == 2 ? 3 : at, bad);
      EXPECT_NE(TextFault(text), "") << at;
    }
  }
}

TEST(CharactersIn, AreCodePoints) {
  EXPECT_EQ(CharactersIn(""), 0);
  EXPECT_EQ(CharactersIn("aé漢😀"), 4);
}

}  // namespace
}  // namespace lmp::domain

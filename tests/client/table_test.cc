#include "client/cli/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace lmp::cli {
namespace {

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth(""), 0U);
  EXPECT_EQ(DisplayWidth("Bonn"), 4U);
  EXPECT_EQ(DisplayWidth("Köln → 1"), 8U);
  EXPECT_EQ(DisplayWidth("東京"), 4U);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1U);
  EXPECT_EQ(DisplayWidth("\U0001F600"), 2U);
}

TEST(Printable, LeavesNoControlCharacters) {
  EXPECT_EQ(Printable("a\x1b[31mb\n\tc\x7f"), "a?[31mb??c?");
  EXPECT_EQ(Printable("abc\u202etxt"), "abc?txt");
  EXPECT_EQ(Printable("Müller 東京"), "Müller 東京");
}

TEST(Table, AlignsColumnsByWidthWithoutBlanksAtLineEnds) {
  Table table({"NAME", "CITY", "N"});
  table.Add({"Müller", "東京", "1"});
  table.Add({"A", "", "22"});
  table.Add({"Berg", "Bonn"});
  table.Add({"C", "", ""});
  std::ostringstream out;
  table.Write(out, "  ");
  EXPECT_EQ(out.str(),
            "  NAME    CITY  N\n"
            "  Müller  東京  1\n"
            "  A             22\n"
            "  Berg    Bonn\n"
            "  C\n");
}

}  // namespace
}  // namespace lmp::cli

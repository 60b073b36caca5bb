#include "client/cli/output/table.h"

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
  for (const char* odd :
       {"\u202e", "\u2066", "\u2069", "\u200e", "\u200f", "\u061c", "\u2028", "\u2029", "\u0085", "\ufeff"}) {
    EXPECT_EQ(Printable(std::string("abc") + odd + "txt"), "abc?txt");
  }
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

Table Licenses() {
  Table table = Table::WithTitles({{"NAME"}, {"PRODUCT"}, {"START", 2}, {"CODE", 1}, {"WHY"}});
  table.Add(
      {"customers/bakery/licenses/01m8", "products/cloud-app-security", "2026-11-24", "", "its suite has changed"});
  table.Add({"customers/florist/licenses/01m9", "products/hes", "2026-11-25", "", ""});
  return table;
}

std::string Written(const Table& table, size_t width) {
  std::ostringstream out;
  table.Write(out, "", width);
  return out.str();
}

TEST(Table, LeavesOutColumnsThatAreEmptyAndIsElseAsWideAsItIs) {
  EXPECT_EQ(Written(Licenses(), 0),
            "NAME                             PRODUCT                      START       WHY\n"
            "customers/bakery/licenses/01m8   products/cloud-app-security  2026-11-24  its suite has changed\n"
            "customers/florist/licenses/01m9  products/hes                 2026-11-25\n");
}

TEST(Table, FitsATerminalByShortNamesThenFewerColumnsThenShorterCells) {
  EXPECT_EQ(Written(Licenses(), 80),
            "NAME          PRODUCT             START       WHY\n"
            "bakery/01m8   cloud-app-security  2026-11-24  its suite has changed\n"
            "florist/01m9  hes                 2026-11-25\n");
  EXPECT_EQ(Written(Licenses(), 60),
            "NAME          PRODUCT             WHY\n"
            "bakery/01m8   cloud-app-security  its suite has changed\n"
            "florist/01m9  hes\n");
  EXPECT_EQ(Written(Licenses(), 50),
            "NAME          PRODUCT             WHY\n"
            "bakery/01m8   cloud-app-security  its suite has c…\n"
            "florist/01m9  hes\n");
}

TEST(Table, ShowsIdsThatAServerMadeByTheirEndsIfElseNotAllFits) {
  Table table({"NAME", "STATE"});
  table.Add({"customers/bakery/licenses/01m8p5s34fe0sgb4ya0cbcck81", "ACTIVE"});
  EXPECT_EQ(Written(table, 42),
            "NAME                               STATE\nbakery/01m8p5s34fe0sgb4ya0cbcck81  ACTIVE\n");
  EXPECT_EQ(Written(table, 40), "NAME            STATE\nbakery/…bcck81  ACTIVE\n");
}

TEST(Table, KeepsAColumnThatCanBeSparedIfItFitsOnceLongOnesAreCut) {
  Table table = Table::WithTitles({{"NAME"}, {"STATE", 1}, {"WHY", 2}});
  table.Add({"a", "ACTIVE", std::string(100, 'x')});
  EXPECT_EQ(Written(table, 44), "NAME  STATE   WHY\na     ACTIVE  " + std::string(29, 'x') + "…\n");
}

}  // namespace
}  // namespace lmp::cli

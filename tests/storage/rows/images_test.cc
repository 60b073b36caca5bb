// Images in events are read back as the rows they were made from, whatever the noun, and older ones too.
#include "storage/rows/images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/model/world.h"
#include "tests/support/status_matchers.h"

namespace lmp::storage {
namespace {

using testing::IsOk;
using testing::StatusIs;

// Gives every field a value of its own that its default is not.
struct Filler {
  int next = 1;

  void Set(std::string& value) { value = absl::StrCat("text \"", next++, "\\\n\t\x01 Ü 🥐"); }
  void Set(bool& value) { value = !value; }
  void Set(int& value) { value = -next++; }
  void Set(model::Date& value) { value = model::Date(2024, 2, 29) + next++; }
  void Set(absl::Time& value) { value = absl::FromUnixSeconds(1'700'000'000) + absl::Microseconds(next++); }
  void Set(std::vector<std::string>& value) {
    value.resize(2);
    for (std::string& item : value) Set(item);
  }
  void Set(model::StringMap& value) {
    for (const char* key : {"a", "b \"quoted\""}) Set(value[key]);
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void Set(Enum& value) { value = static_cast<Enum>(value == static_cast<Enum>(1) ? 2 : 1); }
  template <class T>
  void Set(std::optional<T>& value) {
    Set(value.emplace());
  }
};

// The engine's own note, which is no part of the history.
template <class Row>
bool IsMark(absl::string_view column) {
  if constexpr (requires { Row::kMark; }) return column == Row::kMark;
  return false;
}

template <class Row>
class ImagesTest : public ::testing::Test {
 protected:
  static Row Filled() {
    Row row;
    Filler filler;
    Row::Visit(row, [&](absl::string_view column, auto& value) {
      if (!IsMark<Row>(column)) filler.Set(value);
    });
    return row;
  }
};

// The fields of a new row, which images leave out. A new field is a new line here; a line that changes would change
// what every image says that was ever written.
TEST(ImageDefaults, NeverChange) {
  std::set<std::string> lines, kept;
  model::ChangeSet().ForEachKind([&]<class Row>(const std::vector<model::RowChange<Row>>&) {
    const std::vector<std::string>& defaults = DefaultsInJson<Row>();
    for (size_t i = 0; i < defaults.size(); ++i) {
      lines.insert(absl::StrCat(Row::kTable, ".", ColumnNames<Row>()[i], " ", defaults[i]));
    }
  });
  std::ifstream file(absl::StrCat(LMP_SOURCE_DIR, "/tests/storage/rows/image_defaults.txt"));
  for (std::string line; std::getline(file, line);) kept.insert(line);
  EXPECT_THAT(lines, ::testing::ContainerEq(kept));
}

using Nouns = ::testing::Types<model::Partner, model::Product, model::ServicePlan, model::Customer, model::Subscription,
                               model::License, model::ScheduledChange, model::LicensePool, model::RegistrationKey,
                               model::LicenseToken, model::ApiKey>;
TYPED_TEST_SUITE(ImagesTest, Nouns);

TYPED_TEST(ImagesTest, GiveTheirRowBack) {
  for (const TypeParam& row : {TypeParam(), TestFixture::Filled()}) {
    const auto read = RowOf<TypeParam>(ImageOf(row));
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(ImageOf(*read), ImageOf(row));
    EXPECT_TRUE(*read == row) << ImageOf(row);
  }
}

TYPED_TEST(ImagesTest, LeaveOutWhatIsAsInANewRow) {
  TypeParam row;
  EXPECT_EQ(ImageOf(row), "{}");
  row.stamp.revision = 7;
  EXPECT_EQ(ImageOf(row), R"({"revision":7})");
  const std::string filled = ImageOf(TestFixture::Filled());
  for (const std::string& name : ColumnNames<TypeParam>()) {
    EXPECT_EQ(absl::StrContains(filled, absl::StrCat("\"", name, "\":")), !IsMark<TypeParam>(name)) << name;
  }
}

TEST(ImagesTest, HaveNoMarks) {
  model::License license;
  license.due_date = model::Date(2026, 3, 31);
  EXPECT_EQ(ImageOf(license), "{}");
  EXPECT_EQ(*RowOf<model::License>(R"({"due_date": "2026-03-31"})")->due_date,
            model::Date(2026, 3, 31));  // one of before
}

TYPED_TEST(ImagesTest, OfAnotherVersionLeaveDefaultsAndIgnoreTheRest) {
  const auto read = RowOf<TypeParam>(R"({"given_up": {"long": ["ago", 1.5]}, "revision": 7})");
  ASSERT_THAT(read, IsOk());
  TypeParam expected;
  expected.stamp.revision = 7;
  EXPECT_TRUE(*read == expected);
}

TYPED_TEST(ImagesTest, BecomeTheOneChangeOfTheirEvent) {
  TypeParam after = TestFixture::Filled();
  after.stamp.revision = 2;
  model::Event event{
      .row_table = std::string(TypeParam::kTable), .before = ImageOf(TestFixture::Filled()), .after = ImageOf(after)};
  auto set = ChangeOf(event);
  ASSERT_THAT(set, IsOk());
  int changes = 0;
  set->ForEachKind([&](const auto& rows) {
    for (const auto& change : rows) {
      ++changes;
      EXPECT_EQ(ImageOf(change.after), event.after);
      EXPECT_EQ(ImageOf(change.before.value()), event.before);
    }
  });
  EXPECT_EQ(changes, 1);
  event.before.reset();
  set = ChangeOf(event);
  ASSERT_THAT(set, IsOk());
  set->ForEachKind([](const auto& rows) {
    for (const auto& change : rows) EXPECT_FALSE(change.before.has_value());
  });
}

TEST(ImagesTest, ThatCantBeReadAreAnError) {
  for (const char* json : {"", "null", "[1]", "{\"units\": 1", "\xff"}) {
    EXPECT_THAT(RowOf<model::License>(json), StatusIs(absl::StatusCode::kDataLoss)) << json;
    EXPECT_THAT(ChangeOf({.row_table = "licenses", .after = json}), StatusIs(absl::StatusCode::kDataLoss)) << json;
  }
}

// A list or a map in a column, which the database has as text.
TEST(ImagesTest, AListThatIsNoneIsAnError) {
  for (const char* list : {R"("[1, 2]")", R"("[\"a\", ")", R"("{\"a\": 1}")", R"("broken")", "[1]", R"(["a", null])"}) {
    EXPECT_THAT(RowOf<model::Product>(absl::StrCat(R"({"components": )", list, "}")),
                StatusIs(absl::StatusCode::kDataLoss))
        << list;
    EXPECT_THAT(RowOf<model::Customer>(absl::StrCat(R"({"annotations": )", list, "}")),
                StatusIs(absl::StatusCode::kDataLoss))
        << list;
  }
}

TEST(ImagesTest, OfATableThatIsNotKnownAreNoChange) {
  const auto set = ChangeOf({.row_table = "from_the_future", .after = "{}"});
  ASSERT_THAT(set, IsOk());
  EXPECT_TRUE(set->empty());
}

}  // namespace
}  // namespace lmp::storage

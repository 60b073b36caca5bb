// Random filters against an evaluator that knows nothing of filters, and random bytes against the parser.
#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lmp/v1/customer.pb.h"
#include "lmp/v1/license.pb.h"
#include "server/wire/filter/filter.h"
#include "tests/support/status_matchers.h"
#include "tests/wire/wire_test_support.h"

namespace lmp::wire {
namespace {

using License = v1::License;
using Test = std::function<bool(const License&)>;

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  // 0 to n - 1.
  int Below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(engine_); }
  bool OneIn(int n) { return Below(n) == 0; }
  template <class T>
  const T& Of(const std::vector<T>& all) {
    return all[static_cast<size_t>(Below(static_cast<int>(all.size())))];
  }

 private:
  std::mt19937 engine_;
};

// A filter as its author means it.
struct Wish {
  char kind;  // '&', '|', '!', or 'c': a comparison
  std::vector<Wish> children;
  std::string text;  // of a comparison
  Test test;         // the same
};

bool Grants(const Wish& wish, const License& license) {
  bool all = true, any = false;
  for (const Wish& child : wish.children) {
    const bool granted = Grants(child, license);
    all = all && granted;
    any = any || granted;
  }
  return wish.kind == '&' ? all : wish.kind == '|' ? any : wish.kind == '!' ? !any : wish.test(license);
}

bool Compare(const std::string& op, int order) {
  if (op == "=") return order == 0;
  if (op == "!=") return order != 0;
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  if (op == ">") return order > 0;
  return order >= 0;
}

const std::vector<std::string> kOrdered = {"=", "!=", "<", "<=", ">", ">="};
const std::vector<std::string> kEquality = {"=", "!="};
const std::vector<std::string> kProducts = {"", "a", "ab", "b", "ba", "products/a"};

int Order(int64_t one, int64_t other) { return one < other ? -1 : one > other ? 1 : 0; }

std::string Padded(int number) { return absl::StrCat(number < 10 ? "0" : "", number); }

Wish RandomComparison(Dice& dice) {
  const std::string space[] = {std::string(static_cast<size_t>(dice.Below(2)), ' '),
                               std::string(static_cast<size_t>(dice.Below(3)), '\t')};
  const auto made = [&](const std::string& field, const std::string& op, const std::string& value, Test test) {
    const char* const quote = value.empty() || dice.OneIn(3) ? dice.OneIn(2) ? "'" : "\"" : "";
    return Wish{'c', {}, absl::StrCat(field, space[0], op, space[1], quote, value, quote), std::move(test)};
  };
  const std::string op = dice.Of(kOrdered), equality = dice.Of(kEquality);
  const int number = dice.Below(4);
  switch (dice.Below(9)) {
    case 0:
      return made("units", op, absl::StrCat(number),
                  [=](const License& l) { return Compare(op, Order(l.units(), number)); });
    case 1:
      return made("used_units", op, absl::StrCat(number), [=](const License& l) {
        return l.has_used_units() ? Compare(op, Order(l.used_units(), number)) : op == "!=";
      });
    case 2: {
      const auto state = static_cast<License::State>(1 + number);
      return made("state", equality, License::State_Name(state),
                  [=](const License& l) { return (l.state() == state) == (equality == "="); });
    }
    case 3:
      return made("trial", equality, number < 2 ? "true" : "false",
                  [=](const License& l) { return (l.trial() == (number < 2)) == (equality == "="); });
    case 4: {
      const int month = 1 + dice.Below(2), day = 1 + number;
      return made("expiration_date", op, absl::StrCat("2026-", Padded(month), "-", Padded(day)), [=](const License& l) {
        const auto& date = l.expiration_date();
        if (!l.has_expiration_date()) return op == "!=";
        return Compare(op, Order(date.year() * 10000 + date.month() * 100 + date.day(), 20260000 + month * 100 + day));
      });
    }
    case 5:
      return made("create_time", op, absl::StrCat("1970-01-01T00:00:0", number, dice.OneIn(2) ? "Z" : "-00:00"),
                  [=](const License& l) {
                    if (!l.has_create_time()) return op == "!=";
                    return Compare(op, Order(l.create_time().seconds() * 1000000000 + l.create_time().nanos(),
                                             number * int64_t{1000000000}));
                  });
    case 6: {
      const std::string product = dice.Of(kProducts);
      return made("product", op, product, [=](const License& l) { return Compare(op, l.product().compare(product)); });
    }
    case 7: {
      const std::string part = dice.Of(kProducts);
      const int stars = 1 + dice.Below(3);
      return made(
          "product", equality, absl::StrCat(stars & 1 ? "*" : "", part, stars & 2 ? "*" : ""), [=](const License& l) {
            const std::string& is = l.product();
            const bool both = part.empty() || stars == 3;
            const bool matches = both         ? is.find(part) != std::string::npos
                                 : stars == 1 ? is.size() >= part.size() && is.substr(is.size() - part.size()) == part
                                              : is.substr(0, part.size()) == part;
            return matches == (equality == "=");
          });
    }
    default:
      if (dice.OneIn(2)) return made("used_units", ":", "*", [](const License& l) { return l.has_used_units(); });
      return made("product", ":", "a", [](const License& l) { return l.product().find('a') != std::string::npos; });
  }
}

Wish RandomWish(Dice& dice, int depth) {
  const int kind = dice.Below(depth == 0 ? 1 : 4);
  if (kind == 0) return RandomComparison(dice);
  constexpr char kKinds[] = {'c', '!', '&', '|'};
  Wish wish{kKinds[kind], {}, "", nullptr};
  for (int i = kind == 1 ? 0 : -1 - dice.Below(2); i <= 0; ++i) wish.children.push_back(RandomWish(dice, depth - 1));
  return wish;
}

int CountComparisons(const Wish& wish) {
  int count = wish.kind == 'c' ? 1 : 0;
  for (const Wish& child : wish.children) count += CountComparisons(child);
  return count;
}

// With the parentheses it needs and some that it doesn't. Tightness: 0 AND, 1 OR, 2 NOT and comparisons.
std::string Print(Dice& dice, const Wish& wish, int tightness) {
  const auto space = [&](const char* least) { return dice.OneIn(3) ? dice.OneIn(2) ? "\n" : "  " : least; };
  const int own = wish.kind == '&' ? 0 : wish.kind == '|' ? 1 : 2;
  if (own < tightness || dice.OneIn(6)) {
    return absl::StrCat("(", space(""), dice.OneIn(20) ? "(" + Print(dice, wish, 0) + ")" : Print(dice, wish, own),
                        space(""), ")");
  }
  if (wish.kind == 'c') return wish.text;
  if (wish.kind == '!') return absl::StrCat(dice.OneIn(2) ? "-" : "NOT ", Print(dice, wish.children[0], 2));
  std::string text;
  for (const Wish& child : wish.children) {
    if (!text.empty()) {
      const char* const word = wish.kind == '|' ? "OR" : dice.OneIn(2) ? "AND" : "";
      absl::StrAppend(&text, space(" "), word, space(" "));
    }
    text += Print(dice, child, own);
  }
  return text;
}

License RandomLicense(Dice& dice) {
  License license;
  license.set_units(dice.Below(4));
  if (dice.OneIn(2)) license.set_used_units(dice.Below(4));
  license.set_state(static_cast<License::State>(dice.Below(5)));
  license.set_trial(dice.OneIn(2));
  license.set_product(dice.Of(kProducts));
  if (!dice.OneIn(3)) {
    license.mutable_expiration_date()->set_year(2026);
    license.mutable_expiration_date()->set_month(1 + dice.Below(2));
    license.mutable_expiration_date()->set_day(1 + dice.Below(4));
  }
  if (!dice.OneIn(3)) {
    license.mutable_create_time()->set_seconds(dice.Below(4));
    license.mutable_create_time()->set_nanos(dice.OneIn(2) ? 0 : 1);
  }
  return license;
}

TEST(FilterRandomTest, MatchesWhatItsAuthorMeant) {
  Dice dice(1);
  int matches = 0, all = 0;
  for (int round = 0; round < 4000; ++round) {
    const Wish wish = RandomWish(dice, dice.Below(5));
    if (CountComparisons(wish) > 50) continue;
    const std::string text = Print(dice, wish, 0);
    const absl::StatusOr<Filter> filter = Filter::Parse(*License::descriptor(), text);
    if (!filter.ok() && (absl::StrContains(filter.status().message(), "inside each other") || text.size() > 4096))
      continue;
    ASSERT_TRUE(filter.ok()) << text << "\n" << filter.status();
    for (int i = 0; i < 5; ++i, ++all) {
      const License license = RandomLicense(dice);
      const bool granted = Grants(wish, license);
      matches += granted ? 1 : 0;
      ASSERT_EQ(filter->Matches(license), granted) << text << "\n" << license.ShortDebugString();
    }
  }
  // Not all the same, and not many left out.
  EXPECT_GT(all, 19000);
  EXPECT_GT(matches, all / 4);
  EXPECT_LT(matches, all * 3 / 4);
}

// Any text is a filter or refused in the usual way. How many were filters?
int CountFilters(const std::vector<std::string>& texts) {
  v1::Customer customer;
  customer.mutable_contact()->set_email("a");
  (*customer.mutable_annotations())["a"] = "b";
  customer.add_emergency_emails("a");
  int filters = 0;
  for (const std::string& text : texts) {
    const absl::StatusOr<Filter> filter = Filter::Parse(*v1::Customer::descriptor(), text);
    if (filter.ok()) {
      filter->Matches(customer);
      filter->Matches(v1::Customer());
      ++filters;
      continue;
    }
    EXPECT_EQ(FieldsOf(filter.status()), std::set<std::string>{"filter"}) << text;
    const std::string wrong = domain::RefusalOf(filter.status()).violations[0].description;
    int position = 0;
    if (wrong == "is not valid UTF-8") continue;
    EXPECT_EQ(sscanf(wrong.c_str(), "position %d: ", &position), 1) << wrong;
    EXPECT_GE(position, 1) << wrong;
    EXPECT_LE(position, static_cast<int>(text.size()) + 1) << wrong << "\n" << text;
  }
  return filters;
}

TEST(FilterRandomTest, BytesDoNoHarm) {
  Dice dice(2);
  std::vector<std::string> texts;
  for (int round = 0; round < 3000; ++round) {
    std::string text(static_cast<size_t>(dice.Below(100)), '\0');
    const int most = dice.OneIn(2) ? 256 : 128;  // the latter are valid UTF-8
    for (char& c : text) c = static_cast<char>(dice.Below(most));
    texts.push_back(text);
  }
  for (const char c : std::string("(-\"'\\.:*=!, a\0", 15)) texts.push_back(std::string(kMaxFilterBytes, c));
  CountFilters(texts);
}

TEST(FilterRandomTest, PiecesInAnyOrderDoNoHarm) {
  Dice dice(3);
  const std::vector<std::string> pieces = {"city",
                                           "state",
                                           "contact",
                                           ".",
                                           "email",
                                           "annotations",
                                           "emergency_emails",
                                           "delete_time",
                                           "changes",
                                           "=",
                                           "!=",
                                           "<",
                                           "<=",
                                           ">",
                                           ">=",
                                           ":",
                                           "*",
                                           "a",
                                           "'a.b'",
                                           "\"",
                                           "'",
                                           "\\",
                                           "(",
                                           ")",
                                           "AND",
                                           "OR",
                                           "NOT",
                                           "-",
                                           ",",
                                           "ENABLED",
                                           "2026-01-01",
                                           "1",
                                           "ü",
                                           " ",
                                           " ",
                                           " "};
  std::vector<std::string> texts;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (int i = dice.Below(9); i >= 0; --i) text += dice.Of(pieces);
    texts.push_back(text);
  }
  EXPECT_GT(CountFilters(texts), 50);
}

TEST(FilterRandomTest, FiltersWithAnErrorDoNoHarm) {
  Dice dice(4);
  const std::string good = R"(city = "Ü \"x\"" AND (contact.email:a OR NOT annotations.'a b' != b*) )"
                           R"(-state = ENABLED create_time > 2026-01-01T00:00:00Z)";
  std::vector<std::string> texts = {good};
  for (size_t i = 0; i <= good.size(); ++i) texts.push_back(good.substr(0, i));
  for (int round = 0; round < 5000; ++round) {
    std::string text = good;
    for (int i = dice.Below(3); i >= 0; --i) {
      const auto at = static_cast<size_t>(dice.Below(static_cast<int>(text.size())));
      if (dice.OneIn(2))
        text.erase(at, 1);
      else
        text[at] = static_cast<char>(dice.Below(256));
    }
    texts.push_back(text);
  }
  const int filters = CountFilters(texts);
  EXPECT_GT(filters, 100);
  EXPECT_LT(filters, 4000);
}

}  // namespace
}  // namespace lmp::wire

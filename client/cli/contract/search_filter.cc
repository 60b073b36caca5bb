#include "client/cli/contract/search_filter.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/contract/number.h"
#include "client/cli/status_macros.h"

namespace lmp::cli {
namespace {

constexpr int kMostDays = 3660;

std::string Capitalized(std::string text) {
  absl::AsciiStrToLower(&text);
  if (!text.empty()) text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
  return text;
}

// The text as it is written between the quotes of a value.
std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"*", "\\*"}});
}

}  // namespace

std::string CustomersLike(absl::string_view text) {
  const std::string typed(text);
  std::vector<std::string> spellings = {typed, absl::AsciiStrToLower(typed), absl::AsciiStrToUpper(typed),
                                        Capitalized(typed)};
  std::sort(spellings.begin(), spellings.end());
  spellings.erase(std::unique(spellings.begin(), spellings.end()), spellings.end());
  std::vector<std::string> comparisons;
  for (const std::string& spelling : spellings) {
    const std::string quoted = Escaped(spelling);
    for (const char* field : {"display_name", "city", "external_id", "contact.family_name", "contact.email"}) {
      comparisons.push_back(absl::StrCat(field, ":\"", quoted, "\""));
    }
  }
  comparisons.push_back(absl::StrCat("name = \"customers/", Escaped(absl::AsciiStrToLower(typed)), "*\""));
  return absl::StrJoin(comparisons, " OR ");
}

absl::StatusOr<std::string> ExpiresIn(absl::string_view span, absl::CivilDay today) {
  const absl::Status wrong = absl::InvalidArgumentError(absl::StrCat(
      "--expires-in ", span, ": write it as 30d, 4w or 3m: days, weeks or months from today, up to 10 years"));
  if (span.empty()) return wrong;
  const absl::StatusOr<int32_t> count = ParseNumber(span.substr(0, span.size() - 1));
  if (!count.ok() || *count > kMostDays) return wrong;
  absl::CivilDay last = today;
  if (span.back() == 'd') {
    last = today + *count;
  } else if (span.back() == 'w') {
    last = today + 7 * *count;
  } else if (span.back() == 'm') {
    const absl::CivilMonth month = absl::CivilMonth(today) + *count;
    last = std::min(absl::CivilDay(month) + (today.day() - 1), absl::CivilDay(month + 1) - 1);
  } else {
    return wrong;
  }
  return absl::StrCat("expiration_date >= ", absl::FormatCivilTime(today),
                      " AND expiration_date <= ", absl::FormatCivilTime(last), " AND state != DISABLED");
}

std::string BothFilters(const std::string& one, const std::string& other) {
  if (one.empty() || other.empty()) return absl::StrCat(one, other);
  return absl::StrCat("(", one, ") AND (", other, ")");
}

}  // namespace lmp::cli

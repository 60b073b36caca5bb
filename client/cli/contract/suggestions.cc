#include "client/cli/contract/suggestions.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace lmp::cli {
namespace {

// Words with the same meaning; each may stand for any other word of its line.
constexpr std::array<absl::string_view, 8> kSynonyms = {
    "list search find ls all",
    "get show view info describe",
    "create add new make",
    "delete remove rm del",
    "update edit modify change set",
    "suspend pause stop disable",
    "resume unsuspend continue enable restart",
    "cancel end terminate",
};

constexpr std::array<std::pair<absl::string_view, absl::string_view>, 16> kInstead = {{
    {"search", "lmp customer list TEXT"},
    {"undo", "lmp event revert EVENT, of those that lmp event list CUSTOMER shows"},
    {"event undo", "lmp event revert EVENT, of those that lmp event list CUSTOMER shows"},
    {"due", "lmp license list --expires-in 30d"},
    {"renew", "lmp subscription renew"},
    {"customer search", "lmp customer list TEXT"},
    {"customer find", "lmp customer list TEXT"},
    {"customer suspend", "lmp subscription suspend-all for what renews by itself, lmp customer disable for everything"},
    {"license update", "lmp subscription update, for units, dates and renewal"},
    {"license renew", "lmp subscription renew"},
    {"license cancel", "lmp subscription cancel, or lmp license delete for one without a subscription"},
    {"subscription upgrade", "lmp subscription change-plan"},
    {"subscription downgrade", "lmp subscription change-plan"},
    {"subscription coterm", "lmp subscription update-all CUSTOMER --align-date DATE"},
    {"subscription co-term", "lmp subscription update-all CUSTOMER --align-date DATE"},
    {"subscription create", "lmp assign CUSTOMER PLAN"},
}};

// The number of letters that must be added, removed, replaced or swapped with the next letter.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  std::iota(cost[0].begin(), cost[0].end(), 0U);
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({replaced, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

bool AreSynonyms(absl::string_view a, absl::string_view b) {
  return std::any_of(kSynonyms.begin(), kSynonyms.end(), [&](absl::string_view line) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    return std::count(words.begin(), words.end(), a) > 0 && std::count(words.begin(), words.end(), b) > 0;
  });
}

// A smaller number is nearer; from kFar on, the candidate was not meant.
constexpr size_t kFar = 100;

size_t Farness(absl::string_view word, absl::string_view candidate) {
  const size_t distance = Distance(word, candidate);
  if (distance <= std::max<size_t>(1, word.size() / 3)) return distance;
  if (AreSynonyms(word, candidate)) return 5;
  const bool is_part = word.size() >= 3 && (absl::StartsWith(candidate, word) || absl::EndsWith(candidate, word));
  return is_part ? std::min(10 + candidate.size() - word.size(), kFar - 1) : kFar;
}

}  // namespace

std::vector<std::string> Nearest(absl::string_view word, const std::vector<std::string>& candidates) {
  constexpr size_t kMost = 3;
  std::vector<std::pair<size_t, std::string>> found;
  for (const std::string& candidate : candidates) {
    const size_t farness = Farness(word, candidate);
    if (farness < kFar) found.emplace_back(farness, candidate);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> nearest;
  for (size_t i = 0; i < found.size() && i < kMost; ++i) nearest.push_back(found[i].second);
  return nearest;
}

absl::string_view Instead(absl::string_view command) {
  for (const auto& [typed, meant] : kInstead) {
    if (typed == command) return meant;
  }
  return "";
}

}  // namespace lmp::cli

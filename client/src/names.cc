#include "lmp/names.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace lmp::client {

std::string FullName(absl::string_view pattern, absl::string_view text) {
  std::vector<std::string> segments = absl::StrSplit(pattern, '/');
  const std::vector<absl::string_view> ids = absl::StrSplit(text, '/');
  // A name may begin with another of its collections: "apiKeys/k1", of a key that is no partner's. No id has capitals.
  const bool begins = std::find(segments.begin(), segments.end(), ids[0]) != segments.end() &&
                      std::any_of(ids[0].begin(), ids[0].end(), absl::ascii_isupper);
  const bool is_full = ids.size() > 1 && (ids[0] == segments[0] || begins);
  if (text.empty() || is_full || std::count(segments.begin(), segments.end(), "*") != std::ssize(ids)) {
    return std::string(text);
  }
  auto id = ids.begin();
  for (std::string& segment : segments) {
    if (segment == "*") segment = std::string(*id++);
  }
  return absl::StrJoin(segments, "/");
}

}  // namespace lmp::client

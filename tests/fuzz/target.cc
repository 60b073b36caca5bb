#include "tests/fuzz/target.h"

#include <cstdio>
#include <cstdlib>

namespace lmp::fuzz {

const std::vector<Target>& Targets() {
  static const auto& targets = *new std::vector<Target>{
      {"request", FuzzRequest},
      {"filter", FuzzFilter},
      {"page_token", FuzzPageToken},
      {"names", FuzzNames},
      {"dates", FuzzDates},
      {"config_file", FuzzConfigFile},
      {"auth_file", FuzzAuthFile},
      {"image", FuzzImage},
      {"license_token", FuzzLicenseToken},
      {"jwt", FuzzJwt},
  };
  return targets;
}

void Require(bool holds, absl::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

Split FirstLine(absl::string_view input) {
  const size_t end = input.find('\n');
  if (end == absl::string_view::npos) return {input, ""};
  return {input.substr(0, end), input.substr(end + 1)};
}

}  // namespace lmp::fuzz

#include "server/auth/certificate.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace lmp::auth {

std::vector<std::string> SubjectsOf(const CertificateNames& names) {
  const bool spiffe = std::any_of(names.uris.begin(), names.uris.end(),
                                  [](const std::string& uri) { return absl::StartsWithIgnoreCase(uri, "spiffe://"); });
  if (spiffe) return names.uris.size() == 1 ? names.uris : std::vector<std::string>();
  std::vector<std::string> subjects;
  for (const std::string& name : names.dns) subjects.push_back(absl::StrCat("dns:", absl::AsciiStrToLower(name)));
  if (subjects.empty() && !names.common_name.empty()) subjects.push_back(absl::StrCat("cn:", names.common_name));
  return subjects;
}

}  // namespace lmp::auth

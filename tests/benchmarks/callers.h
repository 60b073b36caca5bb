// Callers that show who they are (B14): by tokens of an issuer that the service trusts, and by API keys of its own
// making.
#ifndef LMP_TESTS_BENCHMARKS_CALLERS_H_
#define LMP_TESTS_BENCHMARKS_CALLERS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/auth/token_maker.h"
#include "tests/benchmarks/load/load.h"

namespace lmp::bench {

class Callers final {
 public:
  // Writes the issuer's keys, and the file that names it, into the directory. Errors: INTERNAL.
  absl::Status Write(const std::string& directory);
  // For lmp-server. Whoever brings nothing is the administrator all the same.
  std::vector<std::string> ServerArguments() const;

  // What to send as `authorization`; both have the role CHECKER. A token is good for a day.
  std::string Token() const;
  absl::StatusOr<std::string> ApiKey(const Stubs& stubs) const;

 private:
  auth::TokenMaker issuer_{"ES256"};
  std::string auth_file_;
};

}  // namespace lmp::bench

#endif  // LMP_TESTS_BENCHMARKS_CALLERS_H_

// Counts how the callers who were let in had said who they are.
#ifndef LMP_SERVER_SERVICES_CALLER_COUNTS_H_
#define LMP_SERVER_SERVICES_CALLER_COUNTS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"

namespace lmp::server {

// Thread-safe.
class CallerCounts final {
 public:
  using Counts = std::array<std::pair<absl::string_view, int64_t>, 4>;

  // `issuer` is an identity's: "apiKeys", "mtls", "local", or the issuer of a token.
  void Add(absl::string_view issuer) { counts_[IndexOf(issuer)].fetch_add(1, std::memory_order_relaxed); }
  Counts Totals() const {
    return {{{"api_key", counts_[0]}, {"certificate", counts_[1]}, {"nothing", counts_[2]}, {"token", counts_[3]}}};
  }

 private:
  static size_t IndexOf(absl::string_view issuer) {
    return issuer == "apiKeys" ? 0 : issuer == "mtls" ? 1 : issuer == "local" ? 2 : 3;
  }

  std::array<std::atomic<int64_t>, 4> counts_{};
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_CALLER_COUNTS_H_

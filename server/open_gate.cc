#include "server/open_gate.h"

#include <utility>

#include "server/observe/log.h"
#include "server/services/api_keys.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

void Report(absl::string_view what, const absl::Status& status) {
  Log(status.ok() ? Severity::kInfo : Severity::kError, what, {{"error", status.ok() ? "" : status.message()}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<Gate>> OpenGate(const Config& config, engine::ReadEngine& api_keys,
                                               storage::Database& database) {
  const bool anonymous = AnonymousIsAdmin(config);
  ASSIGN_OR_RETURN(auto authenticator, auth::Authenticator::Open({.anonymous_is_admin = anonymous,
                                                                  .auth_file = config.auth_file,
                                                                  .find_key = FindKeyIn(api_keys, database),
                                                                  .report = Report}));
  if (anonymous && !IsLoopback(config.listen)) {
    Log(Severity::kWarning, "WHOEVER CAN CONNECT IS THE ADMINISTRATOR: --allow-anonymous-admin",
        {{"listen", config.listen}});
  }
  const auth::RateLimitOptions rate_limit{.calls_per_second = static_cast<double>(config.rate_limit)};
  return std::make_unique<Gate>(std::move(authenticator), rate_limit, /*certificates=*/!config.auth_file.empty());
}

}  // namespace lmp::server

#include "server/open_gate.h"

#include <utility>

#include "server/observe/log.h"
#include "server/services/api_keys.h"
#include "storage/status_macros.h"

namespace lmp::server {

absl::StatusOr<std::unique_ptr<TlsFiles>> OpenTlsFiles(const Config& config, Reloads& reloads) {
  if (config.tls_cert.empty()) return nullptr;
  return TlsFiles::Open({.cert = config.tls_cert, .key = config.tls_key, .client_ca = config.tls_client_ca},
                        reloads.report());
}

absl::StatusOr<std::unique_ptr<Gate>> OpenGate(const Config& config, engine::ReadEngine& api_keys,
                                               storage::Database& database, TlsFiles* tls, Reloads& reloads) {
  const bool anonymous = AnonymousIsAdmin(config);
  ASSIGN_OR_RETURN(auto authenticator, auth::Authenticator::Open({.anonymous_is_admin = anonymous,
                                                                  .auth_file = config.auth_file,
                                                                  .find_key = FindKeyIn(api_keys, database),
                                                                  .report = reloads.report()}));
  if (anonymous && !IsLoopback(config.listen)) {
    Log(Severity::kWarning, "WHOEVER CAN CONNECT IS THE ADMINISTRATOR: --allow-anonymous-admin",
        {{"listen", config.listen}});
  }
  const auth::RateLimitOptions rate_limit{.calls_per_second = static_cast<double>(config.rate_limit)};
  Gate::CheckCertificate check;
  if (tls != nullptr && !config.tls_client_ca.empty()) {
    check = [tls](absl::string_view certificate, absl::string_view chain) {
      return tls->CheckClient(certificate, chain);
    };
  }
  return std::make_unique<Gate>(std::move(authenticator), rate_limit, /*certificates=*/!config.auth_file.empty(),
                                std::move(check));
}

}  // namespace lmp::server

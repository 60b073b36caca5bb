#include "server/open_gate.h"

#include <sys/stat.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "server/observe/log.h"
#include "server/services/api_keys.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

// A warning and no refusal: in a container there may be nobody else, and a volume may have its mode from elsewhere.
void WarnOfOpenSecrets(const Config& config) {
  std::vector<std::string> secrets = config.token_key_files;
  secrets.insert(secrets.end(), {config.tls_key, config.mysql_password_file});
  for (const std::string& file : secrets) {
    struct stat info {};
    if (file.empty() || stat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || (info.st_mode & S_IRWXO) == 0)
      continue;
    Log(Severity::kWarning, "everybody on this host can read a secret: chmod o= FILE",
        {{"file", file}, {"mode", absl::StrFormat("%04o", info.st_mode & 07777)}});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsFiles>> OpenTlsFiles(const Config& config, Reloads& reloads) {
  if (config.tls_cert.empty()) return nullptr;
  return TlsFiles::Open({.cert = config.tls_cert, .key = config.tls_key, .client_ca = config.tls_client_ca},
                        reloads.report());
}

absl::StatusOr<std::unique_ptr<Gate>> OpenGate(const Config& config, engine::ReadEngine& api_keys,
                                               storage::Database& database, TlsFiles* tls, Reloads& reloads) {
  const bool anonymous = AnonymousIsAdmin(config);
  WarnOfOpenSecrets(config);
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

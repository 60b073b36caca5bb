// What a running server takes over on SIGHUP.
#include "server/observe/call_log.h"
#include "server/observe/log.h"
#include "server/server.h"

namespace lmp::server {

void Server::Reload(const Config& config) {
  SetLogLevel(config.log_level);
  if (auto which = observe::ParseCallLog(config.log_calls, config.slow_call_ms); which.ok()) call_log_.Set(*which);
  absl::Status status;
  const auto note = [&](const char* file, const absl::Status& read) {
    reloads_.Count(file, read.ok());
    status.Update(read);
  };
  if (tls_files_ != nullptr) note("tls", tls_files_->Reload());
  if (!config_.auth_file.empty()) note("auth_file", gate_->Reload());
  if (!config.token_key_files.empty()) note("token_keys", token_keys_->Reload(config.token_key_files));
  if (!status.ok()) {
    Log(Severity::kError, "not all settings could be read again: these stay as they were",
        {{"error", status.message()}});
  } else {
    Log(Severity::kWarning, "the settings were read again",
        {{"signing_key_id", token_keys_->Current()->signing_key_id()}, {"tls", !config_.tls_cert.empty()}});
  }
}

}  // namespace lmp::server

// The command line of lmp-server: flags, environment (LMP_…) and a config file; the earlier in this list wins.
#ifndef LMP_SERVER_COMMAND_LINE_H_
#define LMP_SERVER_COMMAND_LINE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/services/api_keys.h"

namespace CLI {
class App;
}

namespace lmp::server {

// EX_USAGE, so that scripts can tell a wrong call from a failure.
inline constexpr int kExitUsage = 64;

enum class Verb {
  kServe,
  kMigrate,
  kCheck,
  kHealth,
  kVersion,
  kPermissions,
  kPrintConfig,
  kCheckConfig,
  kPrintSettingsTable,
  kCreateApiKey,
  kListApiKeys,
  kRevokeApiKey
};

struct Setting;

class CommandLine final {
 public:
  CommandLine();
  ~CommandLine();

  // Returns the command to run. After --help or a mistake it writes a text for people and returns an error; `exit_code`
  // is then what the process should exit with. Call it once.
  absl::StatusOr<Verb> Parse(int argc, const char* const* argv, int* exit_code);

  const Config& config() const { return config_; }
  // The arguments of `api-key create`, and the id of `api-key revoke`.
  const ApiKeyRequest& api_key() const { return api_key_; }
  const std::string& api_key_id() const { return api_key_id_; }
  // Of `check`: the history, too.
  bool check_history() const { return check_history_; }
  // Hashes of it that were kept elsewhere.
  const std::vector<std::string>& known_heads() const { return known_heads_; }
  // Of `health`: what is asked about, as grpc.health.v1 names it.
  const std::string& health_service() const { return health_service_; }
  // All settings in the form of a config file, each with its origin.
  std::string PrintConfig() const;

 private:
  static Verb TakeConfig(std::vector<std::string>& arguments);
  // "default", "flag", the name of the environment variable, or the config file.
  std::string OriginOf(const Setting& setting) const;

  std::vector<std::string> arguments_;
  Config config_;
  // For `health`: if two commands shared one option, one would take the other's value from the environment.
  Config health_config_;
  ApiKeyRequest api_key_;
  std::string api_key_id_;
  std::string health_service_;
  bool check_history_ = false;
  std::vector<std::string> known_heads_;
  std::unique_ptr<CLI::App> app_;
};

// The names of the flags that differ and that can't be changed while the server runs.
std::vector<std::string> NeedsRestart(const CommandLine& before, const CommandLine& after);

}  // namespace lmp::server

#endif  // LMP_SERVER_COMMAND_LINE_H_

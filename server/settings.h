// Every setting of lmp-server, in one table: from it come the flags, their environment variables, the keys of the
// config file, `lmp-server config`, and deploy/settings.md.
#ifndef LMP_SERVER_SETTINGS_H_
#define LMP_SERVER_SETTINGS_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/config.h"

namespace lmp::server {

// Which commands have a setting: all that use the database; `serve`; `serve` and, for what it asks, `health`.
enum class Scope { kDatabase, kServe, kListen };

struct Setting {
  absl::string_view flag;  // "--max-batch"
  absl::string_view help;
  Scope scope = Scope::kServe;
  std::variant<bool Config::*, int Config::*, std::string Config::*, std::vector<std::string> Config::*,
               Severity Config::*, int TransportOptions::*>
      value;
  absl::string_view type_name = "";  // of a text: "FILE"
  int least = 0;                     // of a number
  int most = 0;
  bool may_be_zero = false;  // though `least` is more: it turns something off
  bool reloadable = false;   // SIGHUP reads it again; of all others the value of the start counts

  std::string key() const;       // in the config file: "max-batch"
  std::string variable() const;  // in the environment: "LMP_MAX_BATCH"
};

absl::Span<const Setting> Settings();

// As the config file has it, in TOML: `32`, `true`, `"127.0.0.1:50051"`, `["a.pem", "b.pem"]`. A password in a URL is
// masked.
std::string ValueText(const Setting& setting, const Config& config);

// deploy/settings.md.
std::string SettingsTable();

}  // namespace lmp::server

#endif  // LMP_SERVER_SETTINGS_H_

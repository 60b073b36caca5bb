// The one table of all settings of lmp-server. Flags, environment variables, the keys of the config file, `lmp-server
// config` and deploy/settings.md all come from it.
#ifndef LMP_SERVER_SETTINGS_H_
#define LMP_SERVER_SETTINGS_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/config.h"

namespace lmp::server {

// The commands that have a setting: all that use the database; only `serve`; or `serve` and also `health`, which asks a
// server with these settings.
enum class Scope { kDatabase, kServe, kListen };

struct Setting {
  absl::string_view flag;  // like "--max-batch"
  absl::string_view help;
  Scope scope = Scope::kServe;
  std::variant<bool Config::*, int Config::*, std::string Config::*, std::vector<std::string> Config::*,
               Severity Config::*, int TransportOptions::*>
      value;
  absl::string_view type_name = "";  // for a text setting: "FILE"
  int least = 0;                     // for a number
  int most = 0;
  bool may_be_zero = false;  // true if 0 is allowed although `least` is more: 0 turns something off
  bool reloadable = false;   // true if SIGHUP reads it again; otherwise the value at the start counts

  std::string key() const;       // name in the config file: "max-batch"
  std::string variable() const;  // name in the environment: "LMP_MAX_BATCH"
  std::string range() const;     // "1 to 64", "0 or 30 to 36500"; of a text what it is: "FILE"
  bool has(int number) const;    // in the range
};

absl::Span<const Setting> Settings();

// The value as the config file has it, in TOML: `32`, `true`, `"127.0.0.1:50051"`, `["a.pem", "b.pem"]`. A password in
// a URL is masked.
std::string ValueText(const Setting& setting, const Config& config);

// The text of deploy/settings.md.
std::string SettingsTable();

}  // namespace lmp::server

#endif  // LMP_SERVER_SETTINGS_H_

#include "server/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <sstream>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/settings.h"

namespace lmp::server {
namespace {

const Setting* FindSetting(absl::string_view key) {
  for (const Setting& setting : Settings()) {
    if (setting.key() == key) return &setting;
  }
  return nullptr;
}

// The number of the line of a config file that sets this key, counted from 1.
int LineOf(const std::string& text, const std::string& key) {
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripLeadingAsciiWhitespace(line);
    if (absl::ConsumePrefix(&line, key) && absl::StartsWith(absl::StripLeadingAsciiWhitespace(line), "=")) break;
  }
  return number;
}

// The config file. The environment wins over it (CLI11 alone would let the file win), and it may have the flags of
// `serve` with or without a [serve] above them.
class ConfigFile final : public CLI::ConfigTOML {
 public:
  explicit ConfigFile(const CLI::App& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    const std::string text(std::istreambuf_iterator<char>(input), {});
    std::istringstream again(text);
    std::vector<CLI::ConfigItem> found = CLI::ConfigTOML::from_config(again);
    std::vector<CLI::ConfigItem> taken;
    for (CLI::ConfigItem& line : found) {
      const Setting* setting = FindSetting(line.name);
      if (line.name == "++" || line.name == "--") continue;  // the begin or the end of a section
      if (setting == nullptr || !(line.parents.empty() || line.parents == std::vector<std::string>{"serve"})) {
        throw CLI::ConfigError(absl::StrCat(File(), ":", LineOf(text, line.name), ": there is no setting \"",
                                            line.fullname(), "\": `lmp-server config table` lists all"));
      }
      if (std::getenv(setting->variable().c_str()) != nullptr) continue;
      line.parents.clear();
      if (setting->scope != Scope::kDatabase) line.parents = {CommandOf(*setting)};
      taken.push_back(std::move(line));
    }
    return taken;
  }

 private:
  // Whose option this is: `health` has those of where the server listens.
  std::string CommandOf(const Setting& setting) const {
    return setting.scope == Scope::kListen && app_.got_subcommand("health") ? "health" : "serve";
  }
  std::string File() const { return app_.get_config_ptr()->as<std::string>(); }

  const CLI::App& app_;
};

void AddConfigFile(CLI::App& app) {
  // CLI11 reads the file before the environment, and so would not see LMP_CONFIG.
  const char* file = std::getenv("LMP_CONFIG");
  app.set_config("--config", file == nullptr ? "" : file, "Read flags from this TOML or INI file (or LMP_CONFIG)",
                 /*config_required=*/file != nullptr)
      ->type_name("FILE");
  app.config_formatter(std::make_shared<ConfigFile>(app));
  app.allow_config_extras(false);  // a misspelled key is an error
}

// CLI11's own Range says it in other words in each of its versions.
CLI::Validator InRange(const Setting& setting) {
  const auto check = [setting](const std::string& text) {
    int number = 0;
    const bool fits = absl::SimpleAtoi(text, &number) && setting.has(number);
    return fits ? "" : absl::StrCat(text, " is not in the range ", setting.range());
  };
  return {check, setting.range()};
}

// Makes the number of a level of its name, which is all that CLI11 converts to an enum; or says what is wrong.
std::string ToLevel(std::string& text) {
  for (const Severity level : {Severity::kInfo, Severity::kWarning, Severity::kError}) {
    if (!absl::EqualsIgnoreCase(text, NameOf(level))) continue;
    text = absl::StrCat(static_cast<int>(level));
    return "";
  }
  return absl::StrCat(text, " is not info, warning or error");
}

// Makes a setting an option of a command, which puts its value into `config`.
struct AddOption {
  CLI::App& app;
  const Setting& setting;
  Config& config;

  void operator()(bool Config::*member) const {
    app.add_flag(std::string(setting.flag), config.*member, std::string(setting.help))->envname(setting.variable());
  }
  void operator()(int Config::*member) const { AddNumber(config.*member); }
  void operator()(int TransportOptions::*member) const { AddNumber(config.transport.*member); }
  void operator()(std::string Config::*member) const {
    CLI::Option* option = Add(config.*member);
    if (!(config.*member).empty()) option->capture_default_str();
  }
  void operator()(std::vector<std::string> Config::*member) const {
    Add(config.*member)->delimiter(',')->allow_extra_args(false);
  }
  void operator()(Severity Config::*member) const {
    Add(config.*member)->transform(CLI::Validator(ToLevel, ""))->default_str("info");
  }

 private:
  template <class Value>
  CLI::Option* Add(Value& value) const {
    CLI::Option* option = app.add_option(std::string(setting.flag), value, std::string(setting.help));
    if (!setting.type_name.empty()) option->type_name(std::string(setting.type_name));
    return option->envname(setting.variable());
  }
  void AddNumber(int& value) const { Add(value)->capture_default_str()->check(InRange(setting)); }
};

void AddSettings(CLI::App& app, std::initializer_list<Scope> scopes, Config& config) {
  for (const Setting& setting : Settings()) {
    if (std::find(scopes.begin(), scopes.end(), setting.scope) == scopes.end()) continue;
    std::visit(AddOption{app, setting, config}, setting.value);
  }
}

void AddApiKeyCommands(CLI::App& app, ApiKeyRequest& request, std::string& id) {
  CLI::App& keys = *app.add_subcommand("api-key", "Make, list and revoke the keys of callers, in the database itself");
  keys.require_subcommand(1);
  keys.fallthrough();
  CLI::App& create = *keys.add_subcommand("create", "Make a key and print its secret, which is kept nowhere");
  create.add_option("--role", request.role, "What it may: `lmp-server permissions`")->required()->type_name("ROLE");
  create.add_option("--partner", request.partner, "Bind it to this partner")->type_name("PARTNER");
  create.add_option("--name", request.display_name, "For people: whose it is, what for")
      ->type_name("TEXT")
      ->check(CLI::Validator([](const std::string& text) { return text.size() > 128 ? "at most 128 bytes" : ""; }, ""));
  create.add_option("--days", request.days, "Days until it expires")
      ->check(InRange({.least = 1, .most = 3650}))
      ->capture_default_str();
  keys.add_subcommand("list", "List all keys: never their secrets");
  keys.add_subcommand("revoke", "Revoke a key: within five seconds no server takes it")
      ->add_option("id", id, "Its id, or its name as `list` shows it")
      ->required();
}

// Newer versions of CLI11 pass over a value in the environment that its option refuses.
void RefuseWrongVariables(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string variable = option->get_envname();
    const char* value = variable.empty() ? nullptr : std::getenv(variable.c_str());
    if (value == nullptr || *value == '\0' || option->count() > 0) continue;
    throw CLI::ValidationError(
        variable, absl::StrCat(value, " is no value of ", option->get_name(), " (", option->get_type_name(), ")"));
  }
  for (const CLI::App* command : app.get_subcommands()) RefuseWrongVariables(*command);
}

}  // namespace

CommandLine::CommandLine()
    : app_(std::make_unique<CLI::App>(
          "The LMP server. Every flag can also be set as LMP_… in the environment or in a config file.",
          "lmp-server")) {
  AddConfigFile(*app_);
  app_->require_subcommand(1);
  app_->fallthrough();
  AddSettings(*app_, {Scope::kDatabase}, config_);
  CLI::App& serve = *app_->add_subcommand(
      "serve", "Serve until SIGTERM or Ctrl-C; SIGHUP reads certificates, token keys and log level again");
  AddSettings(serve, {Scope::kServe, Scope::kListen}, config_);
  app_->add_subcommand("migrate", "Bring the database schema to this version");
  CLI::App& check =
      *app_->add_subcommand("check", "Recompute every invariant on the database and name what breaks one");
  CLI::Option* history =
      check.add_flag("--history", check_history_,
                     "And the chain of hashes over all events: names the first that was changed, moved or left out");
  check
      .add_option("--head", known_heads_,
                  "A head of the history that was kept elsewhere, or a resume_token: it must still go through it")
      ->type_name("SEQUENCE-HASH")
      ->allow_extra_args(false)
      ->needs(history);
  CLI::App& config = *app_->add_subcommand(
      "config", "See the settings that `serve` would have with the same flags, environment and config file");
  config.require_subcommand(1);
  config.add_subcommand("print", "Print them as a config file, with where each comes from; passwords masked");
  config.add_subcommand("check", "Say what is wrong with them, its files included; exit code 0 if nothing is, else 64");
  config.add_subcommand("table", "Print what can be set: flags, variables, defaults, ranges (Markdown)");
  AddApiKeyCommands(*app_, api_key_, api_key_id_);
  app_->add_subcommand("permissions", "Print who may do what: roles, permissions and RPCs");
  CLI::App& health = *app_->add_subcommand(
      "health", "Ask the server that runs here with the same settings; exit code 0: it is well, 1: it is not, and why");
  AddSettings(health, {Scope::kListen}, health_config_);
  health
      .add_option("SERVICE", health_service_,
                  "liveness, or a service of grpc.health.v1; else whether it is ready for calls")
      ->type_name("");
  app_->add_subcommand("version", "Print the version");
}

CommandLine::~CommandLine() = default;

// `config print` has the flags of `serve`: the command line is parsed as if it were `serve`, but nothing is served.
Verb CommandLine::TakeConfig(std::vector<std::string>& arguments) {
  for (const auto& [action, verb] : {std::pair("print", Verb::kPrintConfig), std::pair("check", Verb::kCheckConfig)}) {
    for (size_t i = 0; i + 1 < arguments.size(); ++i) {
      if (arguments[i] != "config" || arguments[i + 1] != action) continue;
      arguments[i] = "serve";
      arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      return verb;
    }
  }
  return Verb::kServe;
}

absl::StatusOr<Verb> CommandLine::Parse(int argc, const char* const* argv, int* exit_code) {
  arguments_.assign(argv + 1, argv + argc);
  const Verb serve = TakeConfig(arguments_);
  try {
    app_->parse(std::vector<std::string>(arguments_.rbegin(), arguments_.rend()));
    RefuseWrongVariables(*app_);
  } catch (const CLI::ParseError& error) {
    *exit_code = app_->exit(error) == 0 ? 0 : kExitUsage;  // exit() returns 0 for --help
    return absl::InvalidArgumentError(error.what());
  }
  for (const auto& [name, verb] :
       {std::pair("serve", serve), std::pair("migrate", Verb::kMigrate), std::pair("check", Verb::kCheck),
        std::pair("health", Verb::kHealth), std::pair("permissions", Verb::kPermissions),
        std::pair("version", Verb::kVersion), std::pair("config", Verb::kPrintSettingsTable)}) {
    if (!app_->got_subcommand(name)) continue;
    if (verb == Verb::kHealth) config_ = health_config_;
    return verb;
  }
  const CLI::App& keys = *app_->get_subcommand("api-key");
  for (const auto& [name, verb] : {std::pair("create", Verb::kCreateApiKey), std::pair("list", Verb::kListApiKeys),
                                   std::pair("revoke", Verb::kRevokeApiKey)}) {
    if (keys.got_subcommand(name)) return verb;
  }
  *exit_code = kExitUsage;
  return absl::InvalidArgumentError("no subcommand");
}

std::string CommandLine::OriginOf(const Setting& setting) const {
  for (const std::string& argument : arguments_) {
    if (argument == setting.flag || absl::StartsWith(argument, absl::StrCat(setting.flag, "="))) {
      return "flag";
    }
  }
  if (std::getenv(setting.variable().c_str()) != nullptr) return setting.variable();
  const CLI::App& app = setting.scope == Scope::kDatabase ? *app_ : *app_->get_subcommand("serve");
  return app.get_option(std::string(setting.flag))->count() > 0 ? app_->get_config_ptr()->as<std::string>() : "default";
}

std::string CommandLine::PrintConfig() const {
  std::string text;
  for (const Setting& setting : Settings()) {
    const std::string value = ValueText(setting, config_);
    // CLI11 accepts no empty list, so it becomes a comment.
    absl::StrAppend(&text, value == "[]" ? "# " : "", setting.key(), " = ", value, "  # ", OriginOf(setting), "\n");
  }
  const bool password = std::getenv("LMP_MYSQL_PASSWORD") != nullptr;
  return absl::StrCat(text, "# LMP_MYSQL_PASSWORD is ", password ? "set" : "not set", "\n");
}

std::vector<std::string> NeedsRestart(const CommandLine& before, const CommandLine& after) {
  std::vector<std::string> names;
  for (const Setting& setting : Settings()) {
    const bool same = ValueText(setting, before.config()) == ValueText(setting, after.config());
    if (!same && !setting.reloadable) names.emplace_back(setting.flag);
  }
  return names;
}

}  // namespace lmp::server

// This file and special_commands.cc are the only ones that see CLI11, which is slow to compile.
#include "client/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/cli/contract/suggestions.h"
#include "client/cli/list_flags.h"
#include "client/cli/output/table.h"
#include "client/cli/special_commands.h"

namespace lmp::cli {
namespace {

constexpr char kAbout[] = R"(lmp talks to a license management platform server: catalog, customers, licenses.

Names may be short: "acme" for "customers/acme", "acme/01h8" for "customers/acme/licenses/01h8", and an id may be given
by its end, as tables on a terminal show it: "acme/..bcck81"; or "acme/cas-annual", by a plan or product that the
customer has.)";

constexpr char kFooter[] = R"(
Examples:
  lmp assign                                         asks step by step (on a terminal)
  lmp plan assignable bakery                         what can be assigned to this customer?
  lmp assign bakery cas-annual --units 25 --dry-run  shows what would change, saves nothing
  lmp license list bakery -o json

`lmp COMMAND --help` says more. Exit code: the gRPC status code (0 is success), 64 for a wrong command line,
74 if the output could not be written.)";

// Where the flags of one subcommand put their values.
struct Parsed {
  const Command* command;
  CLI::App* app;
  std::vector<std::string> positionals;
  std::vector<FieldFlag> flags;
  std::vector<std::vector<std::string>> values;  // one entry for each of `flags`
};

void AddConnectionFlags(CLI::App& app, GlobalFlags& flags) {
  const char* const group = "Connection";
  app.add_option("--server", flags.server, "Where the server is; the port is 50051 if none is given")
      ->type_name("HOST[:PORT]")
      ->envname("LMP_SERVER")
      ->capture_default_str()
      ->group(group);
  app.add_option("--timeout", flags.timeout,
                 "Time for one call with all its retries, a bare number is seconds; a server that can't be reached is "
                 "given up sooner unless this is given")
      ->type_name("DURATION")
      ->envname("LMP_TIMEOUT")
      ->capture_default_str()
      ->group(group);
  app.add_flag("--tls", flags.tls, "TLS, trusting the system's certificate authorities")->group(group);
  app.add_option("--tls-ca", flags.tls_ca, "TLS, trusting the authorities in this PEM file")
      ->type_name("FILE")
      ->envname("LMP_TLS_CA")
      ->group(group);
  CLI::Option* cert = app.add_option("--tls-cert", flags.tls_cert, "TLS with this client certificate (PEM)")
                          ->type_name("FILE")
                          ->envname("LMP_CLIENT_CERT")
                          ->group(group);
  CLI::Option* key = app.add_option("--tls-key", flags.tls_key, "and its key (PEM)")
                         ->type_name("FILE")
                         ->envname("LMP_CLIENT_KEY")
                         ->group(group);
  cert->needs(key);
  key->needs(cert);
  app.add_option("--token-file", flags.token_file, "Send the bearer token in this file")
      ->type_name("FILE")
      ->envname("LMP_TOKEN_FILE")
      ->group(group);
  app.add_flag("--plaintext-token", flags.plaintext_token,
               "Send it without TLS to another machine, where something else keeps the way private")
      ->envname("LMP_PLAINTEXT_TOKEN")
      ->group(group);
  app.add_flag("--trace", flags.trace, "Begin a trace and show its id, or go on with that of TRACEPARENT")
      ->group(group);
}

void AddGlobalFlags(CLI::App& app, GlobalFlags& flags) {
  static const std::map<std::string, Output> kOutputs = {
      {"table", Output::kTable}, {"json", Output::kJson}, {"csv", Output::kCsv}};
  app.add_option_function<std::string>(
         "-o,--output",
         [&flags](const std::string& format) { flags.output = kOutputs.at(absl::AsciiStrToLower(format)); },
         "How results are written: table, json, or csv (for spreadsheets)")
      ->type_name("FORMAT")
      ->check(CLI::Validator(
          [](const std::string& format) {
            const bool is_known = kOutputs.count(absl::AsciiStrToLower(format)) > 0;
            return is_known ? std::string() : absl::StrCat(format, ": must be table, json or csv");
          },
          ""));
  const char* const group = "Changes";
  app.add_flag("--dry-run", flags.dry_run, "Show what would change, save nothing")->group(group);
  app.add_option("--request-id", flags.request_id,
                 "Id of the change: the same command with the same id again has no second effect")
      ->type_name("UUID")
      ->group(group);
  app.add_flag("-y,--yes", flags.yes, "Do not ask, on a terminal, before what can't be undone")->group(group);
  app.add_option("--etag", flags.etag, "Change only if the resource is still as it was when it had this etag")
      ->group(group);
  app.add_option("--preview-token", flags.preview_token,
                 "Change only if just that would change which the preview with this token showed (--dry-run -o json)")
      ->type_name("TOKEN")
      ->group(group);
  app.add_option("--reason", flags.reason, "Why; kept with the events of the change")->group(group);
}

void AddPositionals(Parsed& parsed) {
  parsed.positionals.resize(parsed.command->positionals.size());
  for (size_t i = 0; i < parsed.positionals.size(); ++i) {
    const Positional& positional = parsed.command->positionals[i];
    parsed.app->add_option(std::string(positional.label), parsed.positionals[i])
        ->required(positional.need == Positional::kRequired)
        ->type_name("");
  }
}

// The names of a flag in the form that CLI11 takes: "--units", or "--nfr,!--no-nfr".
std::string Names(const FieldFlag& flag) {
  std::string names;
  for (const std::string& name : {flag.name, flag.other_name}) {
    if (name.empty()) continue;
    absl::StrAppend(&names, names.empty() ? "" : ",", "--", name);
    if (flag.is_bool()) absl::StrAppend(&names, ",!--no-", name);
  }
  return names;
}

void AddFieldFlags(Parsed& parsed) {
  parsed.flags = parsed.command->Flags();
  parsed.values.resize(parsed.flags.size());
  for (size_t i = 0; i < parsed.flags.size(); ++i) {
    const FieldFlag& flag = parsed.flags[i];
    CLI::Option* option =
        flag.is_bool() ? parsed.app->add_flag(Names(flag), parsed.values[i], flag.Help())
                       : parsed.app->add_option(Names(flag), parsed.values[i], flag.Help())->allow_extra_args(false);
    if (!flag.is_bool()) option->type_name(flag.ValueName());
    if (!flag.is_bool() && !flag.field().is_repeated()) option->expected(1);
  }
}

void AddCommand(CLI::App& group, const Command& command, Invocation& invocation,
                std::vector<std::unique_ptr<Parsed>>& all) {
  CLI::App* app = group.add_subcommand(std::string(command.verb), std::string(command.help));
  app->footer(absl::StrCat("\nExample:\n  ", command.example, "\n\n`lmp --help` lists the flags of all commands."));
  auto parsed = std::make_unique<Parsed>(Parsed{&command, app, {}, {}, {}});
  AddPositionals(*parsed);
  AddFieldFlags(*parsed);
  if (ListedItems(*command.descriptor().output_type()) != nullptr) AddLimit(*app, invocation);
  const bool runs_out = command.verb == "list" && (command.group == "license" || command.group == "subscription");
  if (runs_out) {
    app->add_option("--expires-in", invocation.expires_in,
                    "Only what expires from today on within so many days, weeks or months, as 30d, 4w or 3m")
        ->type_name("TIME");
  }
  AddHistoryFlags(*app, command, invocation);
  all.push_back(std::move(parsed));
}

// The innermost command that was named.
const CLI::App& Innermost(const CLI::App& app) {
  const std::vector<CLI::App*> named = const_cast<CLI::App&>(app).get_subcommands();
  return named.empty() ? app : Innermost(*named.back());
}

// The names of the commands, like "customer list", without the program's name.
std::string PathOf(const CLI::App& app) {
  if (app.get_parent() == nullptr) return "";
  const std::string above = PathOf(*app.get_parent());
  return absl::StrCat(above, above.empty() ? "" : " ", app.get_name());
}

std::vector<std::string> CommandsIn(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

// The flags of a command and of all commands above it, without "--".
std::vector<std::string> FlagsOf(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back(name);
    }
  }
  return names;
}

std::string DidYouMean(absl::string_view before, const std::vector<std::string>& names) {
  if (names.empty()) return "";
  return absl::StrCat(
      "; did you mean ",
      absl::StrJoin(names, " or ",
                    [&](std::string* out, const std::string& name) { absl::StrAppend(out, before, name); }),
      "?");
}

// The complaint about the first word that no command takes.
std::string UnknownWord(const CLI::App& command, const std::string& word) {
  const std::string shown = Printable(word);
  if (absl::StartsWith(word, "-")) {
    const std::string flag = word.substr(0, word.find('='));
    return absl::StrCat("there is no flag ", Printable(flag), " here",
                        DidYouMean("--", Nearest(absl::StripPrefix(flag, "--"), FlagsOf(&command))));
  }
  const std::vector<std::string> commands = CommandsIn(command);
  if (commands.empty()) return absl::StrCat("\"", shown, "\" is one argument too many");
  const std::string path = PathOf(command);
  const std::string typed = absl::StrCat(path, path.empty() ? "" : " ", word);
  if (const absl::string_view instead = Instead(typed); !instead.empty()) {
    return absl::StrCat("there is no command \"", shown, "\" here; try: ", instead);
  }
  return absl::StrCat("there is no command \"", shown, "\" here",
                      DidYouMean(absl::StrCat("lmp ", path, path.empty() ? "" : " "), Nearest(word, commands)));
}

std::string SaysMore(absl::string_view what, const std::string& path) {
  return absl::StrCat("error: ", what, "\n`lmp ", path, path.empty() ? "" : " ", "--help` says more.\n");
}

// Says what is wrong with the command line.
std::string Complaint(const CLI::App& app, const CLI::Error& error, const std::vector<std::string>& arguments) {
  const CLI::App& command = Innermost(app);
  const std::vector<std::string> unknown = app.remaining(true);
  const auto first = std::find_if(arguments.begin(), arguments.end(), [&](const std::string& argument) {
    return std::count(unknown.begin(), unknown.end(), argument) > 0;
  });
  const bool is_unknown =
      first != arguments.end() && error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
  return SaysMore(is_unknown ? UnknownWord(command, *first) : Printable(error.what()), PathOf(command));
}

// The complaint about a command that help was asked for and that is none; empty if there is nothing to complain about.
std::string UnknownCommand(const CLI::App& app) {
  const CLI::App& command = Innermost(app);
  const std::vector<std::string> unknown = app.remaining(true);
  const bool is_command = !unknown.empty() && !absl::StartsWith(unknown.front(), "-") && !CommandsIn(command).empty();
  return is_command ? SaysMore(UnknownWord(command, unknown.front()), PathOf(command)) : "";
}

// Where the words are no command to run. Who asks for help or the version gets it, unless it is about a command that
// there is not.
int End(CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& typed, std::ostream& out,
        std::ostream& err) {
  const bool is_help = error.get_exit_code() == 0;
  const std::string unknown = is_help ? UnknownCommand(app) : "";
  if (is_help && unknown.empty()) return app.exit(error, out, err);
  err << (is_help ? unknown : Complaint(app, error, typed));
  return kUsageExitCode;
}

// The index of the first word that is neither a flag of all commands nor the value of one.
size_t FirstWord(const std::vector<std::string>& arguments) {
  size_t i = 0;
  while (i < arguments.size() && absl::StartsWith(arguments[i], "-")) {
    const std::string& flag = arguments[i];
    const bool is_alone = absl::StrContains(flag, '=') || flag == "--dry-run" || flag == "--tls" || flag == "--yes" ||
                          flag == "--plaintext-token" || flag == "-y" || flag == "--help" || flag == "-h" ||
                          flag == "--version";
    i += is_alone ? 1 : 2;
  }
  return std::min(i, arguments.size());
}

// `lmp help customer`, `lmp customer help`, `lmp version` and `lmp watch`, as people type them.
std::vector<std::string> WithFlags(std::vector<std::string> arguments) {
  const size_t first = FirstWord(arguments);
  const size_t words = arguments.size() - first;
  if (words == 1 && arguments[first] == "version") arguments[first] = "--version";
  if (words > 0 && arguments[first] == "watch")
    arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(first), "event");
  const bool is_group_help = words == 2 && arguments[first + 1] == "help";
  if (words == 0 || (arguments[first] != "help" && !is_group_help)) return arguments;
  arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(first + (is_group_help ? 1 : 0)));
  arguments.emplace_back("--help");
  return arguments;
}

// CLI11's formatter, without its marks for the value that a flag has when it is given.
class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    std::vector<std::string> names = absl::StrSplit(
        absl::StrReplaceAll(CLI::Formatter::make_option_name(option, is_positional), {{"{false}", ""}}), ',');
    // If a flag has two names, the shorter one is enough.
    const bool is_bool = names.size() > 1 && absl::StartsWith(names[1], "--no-");
    const bool has_short = !names.empty() && !absl::StartsWith(names[0], "--");  // as in "-o,--output"
    if (!is_positional && !has_short) names.resize(std::min<size_t>(names.size(), is_bool ? 2 : 1));
    return absl::StrJoin(names, has_short ? "," : ", ");
  }
};

// Moves what was given on the command line out of the subcommand that was called.
void Take(Parsed& parsed, Invocation& invocation) {
  invocation.command = parsed.command;
  invocation.positionals = std::move(parsed.positionals);
  for (size_t i = 0; i < parsed.flags.size(); ++i) {
    if (!parsed.values[i].empty()) {
      invocation.flags.emplace_back(std::move(parsed.flags[i]), std::move(parsed.values[i]));
    }
  }
}

}  // namespace

std::variant<Invocation, int> ParseCommandLine(const std::vector<std::string>& arguments, std::ostream& out,
                                               std::ostream& err) {
  Invocation invocation;
  std::vector<std::unique_ptr<Parsed>> all;
  CLI::App app(kAbout, "lmp");
  app.formatter(std::make_shared<HelpFormatter>());
  app.footer(kFooter)->fallthrough()->require_subcommand(0, 1);
  app.set_version_flag("--version", "lmp " LMP_VERSION);
  AddGlobalFlags(app, invocation.global);
  AddConnectionFlags(app, invocation.global);
  AddAssign(app, invocation.assign);
  for (const Command& command : Commands()) {
    if (command.group.empty()) AddCommand(app, command, invocation, all);
  }
  AddLogin(app, invocation.login);
  for (const Group& group : Groups()) {
    CLI::App* sub = app.add_subcommand(std::string(group.name), std::string(group.help))->require_subcommand(0, 1);
    sub->footer(absl::StrCat("\n`lmp ", group.name, " COMMAND --help` says more."));
    if (group.name == "license") AddVerify(*sub, invocation.verify);
    if (group.name == "event") AddVerifyHistory(*sub, invocation.verify_history);
    for (const Command& command : Commands()) {
      if (command.group == group.name) AddCommand(*sub, command, invocation, all);
    }
  }
  const std::vector<std::string> typed = WithFlags(arguments);
  try {
    app.parse(std::vector<std::string>(typed.rbegin(), typed.rend()));
  } catch (const CLI::ParseError& error) {
    return End(app, error, typed, out, err);
  }
  if (const CLI::App& command = Innermost(app); !CommandsIn(command).empty()) {
    out << app.help();
    return 0;
  }
  invocation.global.timeout_given = app.get_option("--timeout")->count() > 0;
  for (const std::unique_ptr<Parsed>& parsed : all) {
    if (parsed->app->parsed()) Take(*parsed, invocation);
  }
  return invocation;
}

}  // namespace lmp::cli

#include "client/cli/special_commands.h"

#include <CLI/CLI.hpp>
#include <string>

#include "client/cli/login.h"

namespace lmp::cli {
namespace {

constexpr char kAssignAbout[] =
    R"(Assign a service plan to a customer: one subscription, one license for each product of the plan.
Without arguments, on a terminal, it asks step by step and shows what would change before anything is saved.)";

constexpr char kAssignFooter[] = R"(
Examples:
  lmp assign bakery cas-annual --units 25
  lmp assign bakery suite-annual --units 25 --units hosted-email-security=40 --start 2027-01-01
  lmp assign bakery suite-annual --units 25 --crossgrade auto --keep-latest --dry-run
  lmp assign bakery wfbs-annual --units 10 --crossgrade worry-free-business-security=new

`lmp --help` lists the flags of all commands, as --dry-run.)";

constexpr char kVerifyAbout[] =
    R"(Verify a license token with no server: who signed it, whether it holds today, and what it says.)";

constexpr char kVerifyFooter[] = R"(
Examples:
  lmp license token-keys -o json > keys.json
  lmp license token bakery/..h8xm7r -o json > token.json
  lmp license revocations bakery -o json > revocations.json
  lmp license verify token.json --keys keys.json --revocations revocations.json --clock-file /var/lib/app/clock

Errors: KEYS_MALFORMED, TOKEN_MALFORMED (exit code 3);
TOKEN_WRONG_ALGORITHM, TOKEN_UNKNOWN_KEY, TOKEN_BAD_SIGNATURE (16);
CLOCK_SET_BACK, TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, REVOCATION_LIST_WRONG, TOKEN_REVOKED, REVOCATION_LIST_STALE (9).)";

constexpr char kVerifyHistoryAbout[] =
    R"(Verify with no server that an exported history is the one that was signed, that an event is in it, or that it
goes on from one that was signed before.)";

constexpr char kVerifyHistoryFooter[] = R"(
Examples:
  lmp license token-keys -o json > keys.json
  lmp event export > history.jsonl
  lmp event verify history.jsonl --keys keys.json --known-head head.json
  lmp event proof 4711 -o json > proof.json
  lmp event verify proof.json --keys keys.json
  lmp event head --since-sequence 1000 -o json > now.json
  lmp event verify now.json --keys keys.json --known-head head-of-1000.json

What was changed, left out, moved or rewritten is named (exit code 15).)";

CLI::Validator NotEmpty() {
  return CLI::Validator([](const std::string& text) { return std::string(text.empty() ? "must not be empty" : ""); },
                        "");
}

}  // namespace

CLI::App* AddAssign(CLI::App& app, AssignArguments& arguments) {
  CLI::App* assign = app.add_subcommand("assign", kAssignAbout);
  assign->footer(kAssignFooter);
  assign->add_option("CUSTOMER", arguments.customer)->type_name("");
  assign->add_option("PLAN", arguments.plan)->type_name("");
  assign
      ->add_option("--units", arguments.units,
                   "Units of a product's license, repeatable; N alone is for all products not named")
      ->type_name("PRODUCT=N|N")
      ->allow_extra_args(false);
  assign->add_option("--start,--start-date", arguments.start, "First day of the term, as 2027-01-01; default today")
      ->type_name("DATE");
  assign
      ->add_option("--crossgrade", arguments.crossgrade,
                   "What to do with products the customer already has, repeatable: transfer all, or for each "
                   "software product transfer its license or make a new one beside it")
      ->type_name("auto|PRODUCT=transfer|PRODUCT=new")
      ->allow_extra_args(false);
  assign->add_flag("--keep-latest", arguments.keep_latest,
                   "A transferred license keeps its expiration if that is later than the plan's");
  CLI::Option* subscription = assign
                                  ->add_option("--align-subscription", arguments.align_subscription,
                                               "Expire with this subscription of the customer")
                                  ->type_name("SUBSCRIPTION");
  assign->add_option("--align-date,--align-expiration-date", arguments.align_date, "Expire on this date")
      ->type_name("DATE")
      ->excludes(subscription);
  return assign;
}

// What all that verifies without a server needs.
void AddKeys(CLI::App& verify, std::string& keys) {
  verify.add_option("--keys", keys, "The JSON Web Key Set, or the JSON answer of `lmp license token-keys`")
      ->required()
      ->type_name("FILE")
      ->check(NotEmpty());
}

void AddVerify(CLI::App& group, VerifyArguments& arguments) {
  CLI::App* verify = group.add_subcommand("verify", kVerifyAbout);
  verify->footer(kVerifyFooter);
  verify
      ->add_option("TOKEN-FILE", arguments.token,
                   "The token, or the JSON answer of `lmp license token`; - is standard input")
      ->required()
      ->type_name("")
      ->check(NotEmpty());
  AddKeys(*verify, arguments.keys);
  verify
      ->add_option("--revocations", arguments.revocations,
                   "The revocation list, or the JSON answer of `lmp license revocations`")
      ->type_name("FILE")
      ->check(NotEmpty());
  verify
      ->add_option("--clock-file", arguments.clock_file,
                   "Keep the latest time seen in this file, to notice a clock that was set back")
      ->type_name("FILE")
      ->check(NotEmpty());
}

void AddVerifyHistory(CLI::App& group, VerifyHistoryArguments& arguments) {
  CLI::App* verify = group.add_subcommand("verify", kVerifyHistoryAbout);
  verify->footer(kVerifyHistoryFooter);
  verify
      ->add_option("FILE", arguments.file,
                   "What `lmp event export` wrote, or the JSON answer of `lmp event proof` or `lmp event head`; - is "
                   "standard input")
      ->required()
      ->type_name("")
      ->check(NotEmpty());
  AddKeys(*verify, arguments.keys);
  verify
      ->add_option("--known-head", arguments.known_heads,
                   "The JSON answer of an earlier `lmp event head`, repeatable: the history must go through it")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->check(NotEmpty());
}

void AddLogin(CLI::App& app, LoginArguments& arguments) {
  CLI::App* login = app.add_subcommand("login", kLoginAbout)->footer(kLoginFooter);
  login->add_option("--command", arguments.command, "Instead of a key: a command whose output is the token to send")
      ->type_name("COMMAND")
      ->check(NotEmpty());
  login->callback([&arguments] { arguments.kind = LoginArguments::kLogin; });
  app.add_subcommand("logout", "Forget what `lmp login` has stored for this server.")->callback([&arguments] {
    arguments.kind = LoginArguments::kLogout;
  });
}

}  // namespace lmp::cli

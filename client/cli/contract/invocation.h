#ifndef LMP_CLIENT_CLI_CONTRACT_INVOCATION_H_
#define LMP_CLIENT_CLI_CONTRACT_INVOCATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/cli/contract/commands.h"

namespace lmp::cli {

enum class Output { kTable, kJson, kCsv };

// Flags that every command takes.
struct GlobalFlags {
  std::string server = "127.0.0.1:50051";
  // Like "10s" or "1m30s", or a bare number of seconds.
  std::string timeout = "10s";
  // `timeout` was given and is not the default.
  bool timeout_given = false;
  std::string request_id;
  std::string etag;
  std::string preview_token;
  std::string reason;
  bool dry_run = false;
  // Do not ask for confirmation.
  bool yes = false;
  Output output = Output::kTable;
  bool tls = false;
  // Names of PEM files.
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
  // Name of the file with the bearer token.
  std::string token_file;
  // Send it without TLS to other machines too.
  bool plaintext_token = false;
  // Whatever `lmp login` has stored.
  bool ignore_stored = false;
  // Begin a trace of this command.
  bool trace = false;
};

// The arguments of `lmp assign`.
struct AssignArguments {
  std::string customer;
  std::string plan;
  // Each is "PRODUCT=N", or "N" for all products that are not named.
  std::vector<std::string> units;
  std::string start;
  // Each is "auto", "PRODUCT=transfer" or "PRODUCT=new".
  std::vector<std::string> crossgrade;
  bool keep_latest = false;
  std::string align_subscription;
  std::string align_date;

  bool has_flags() const {
    return !units.empty() || !start.empty() || !crossgrade.empty() || keep_latest || !align_subscription.empty() ||
           !align_date.empty();
  }
};

// The arguments of `lmp license verify`, which are names of files; for `token`, "-" is standard input.
struct VerifyArguments {
  std::string token;  // empty if the command is another one
  std::string keys;
  std::string revocations;
  std::string clock_file;
};

// The arguments of `lmp event verify`, which are names of files; for `file`, "-" is standard input.
struct VerifyHistoryArguments {
  std::string file;  // empty if the command is another one
  std::string keys;
  std::vector<std::string> known_heads;
};

// `lmp login` and `lmp logout`.
struct LoginArguments {
  enum { kNeither, kLogin, kLogout } kind = kNeither;
  // Prints the token; empty: a key is read.
  std::string command;
};

// What a command line asks for.
struct Invocation {
  GlobalFlags global;
  // Null for `lmp assign`, `lmp license verify`, `lmp event verify`, `lmp login` and `lmp logout`.
  const Command* command = nullptr;
  // In the order of Command::positionals; an argument that was not given is empty.
  std::vector<std::string> positionals;
  // The flags that were given, with their values.
  std::vector<std::pair<FieldFlag, std::vector<std::string>>> flags;
  // The most items of a list to show; empty: all.
  std::optional<int64_t> limit;
  // Like "30d": show only what expires within that time.
  std::string expires_in;
  // "yesterday": of the history, only what was recorded from then on; and only what this actor did.
  std::string since;
  std::string actor;
  // Where `lmp watch` keeps its token.
  std::string resume_file;
  AssignArguments assign;
  VerifyArguments verify;
  VerifyHistoryArguments verify_history;
  LoginArguments login;
};

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_INVOCATION_H_

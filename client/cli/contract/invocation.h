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
  // "10s", "1m30s", or a bare number of seconds.
  std::string timeout = "10s";
  // It is not the default.
  bool timeout_given = false;
  std::string request_id;
  std::string etag;
  std::string preview_token;
  std::string reason;
  bool dry_run = false;
  // Nothing is asked.
  bool yes = false;
  Output output = Output::kTable;
  bool tls = false;
  // Names of PEM files.
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
  // Name of the file with the bearer token.
  std::string token_file;
};

// `lmp assign`.
struct AssignArguments {
  std::string customer;
  std::string plan;
  // "PRODUCT=N", or "N" for all products not named.
  std::vector<std::string> units;
  std::string start;
  // "auto", "PRODUCT=transfer", "PRODUCT=new".
  std::vector<std::string> crossgrade;
  bool keep_latest = false;
  std::string align_subscription;
  std::string align_date;

  bool has_flags() const {
    return !units.empty() || !start.empty() || !crossgrade.empty() || keep_latest || !align_subscription.empty() ||
           !align_date.empty();
  }
};

// `lmp license verify`. Names of files; of `token`, "-" is standard input.
struct VerifyArguments {
  std::string token;  // empty if this is not the command
  std::string keys;
  std::string revocations;
  std::string clock_file;
};

// What a command line asks for.
struct Invocation {
  GlobalFlags global;
  // Null for `lmp assign` and `lmp license verify`.
  const Command* command = nullptr;
  // Beside Command::positionals; empty if not given.
  std::vector<std::string> positionals;
  // The flags given, with their values.
  std::vector<std::pair<FieldFlag, std::vector<std::string>>> flags;
  // Items of a list at most; nothing: all.
  std::optional<int64_t> limit;
  // "30d": only what expires so soon.
  std::string expires_in;
  AssignArguments assign;
  VerifyArguments verify;
};

}  // namespace lmp::cli

#endif  // LMP_CLIENT_CLI_CONTRACT_INVOCATION_H_

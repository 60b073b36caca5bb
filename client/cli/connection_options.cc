#include "client/cli/connection_options.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/cli/credentials.h"
#include "client/cli/output/table.h"
#include "client/cli/session.h"
#include "client/cli/status_macros.h"
#include "lmp/error.h"
#include "lmp/traceparent.h"

namespace lmp::cli {
namespace {

absl::StatusOr<std::string> ReadFile(const std::string& name) {
  if (name.empty()) return std::string();
  std::ifstream file(name);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) return UsageError(absl::StrCat("can't read ", name));
  return text.str();
}

// Reads a file that nobody else should be able to read, and says on `err` if others can.
absl::StatusOr<std::string> ReadSecret(const std::string& name, std::ostream& err) {
  struct stat file {};
  constexpr mode_t kOthers = S_IRGRP | S_IROTH;
  if (!name.empty() && stat(name.c_str(), &file) == 0 && S_ISREG(file.st_mode) && (file.st_mode & kOthers) != 0) {
    err << "(others can read " << Printable(name) << ": chmod 600 it)\n";
  }
  return ReadFile(name);
}

absl::StatusOr<absl::Duration> ParseTimeout(const std::string& text) {
  absl::Duration timeout;
  double seconds = 0;
  if (absl::StartsWith(text, "+")) {
    timeout = absl::ZeroDuration();  // "+10s" would mean "10 s more", but more than what is not known
  } else if (absl::SimpleAtod(text, &seconds)) {
    timeout = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(text, &timeout)) {
    timeout = absl::ZeroDuration();
  }
  if (timeout > absl::ZeroDuration()) return timeout;
  return UsageError(absl::StrCat("--timeout ", text, ": must be more than nothing, as 10s, 500ms or 1m30s"));
}

// The trace of this run: that of whoever started it, as programs hand it on in the environment, or a new one.
std::string Traceparent(const GlobalFlags& flags, std::ostream& err) {
  const char* handed_on = std::getenv("TRACEPARENT");
  const std::string given = handed_on == nullptr ? "" : handed_on;
  if (!flags.trace) return given;
  const std::string trace = client::TraceIdOf(given).empty() ? client::NewTraceparent() : given;
  err << "(trace " << client::TraceIdOf(trace) << ")\n";
  return trace;
}

// Decides whether to try a call once more: as long as the server answers that it can't serve at the moment; otherwise
// only for a moment.
std::function<bool(const absl::Status&, int)> Patience(const GlobalFlags& flags, const std::string& target,
                                                       std::ostream& err) {
  static constexpr absl::Duration kPatience = absl::Seconds(2);
  const auto began = std::make_shared<absl::Time>();
  return [began, target, &err, is_patient = flags.timeout_given](const absl::Status& error, int attempts) {
    if (!client::GetErrorDetails(error).reason.empty()) return true;
    if (attempts == 1) {
      *began = absl::Now();
      if (is_patient) err << "(no server answers at " << target << ": trying again)" << std::endl;
    }
    return is_patient || absl::Now() - *began < kPatience;
  };
}

}  // namespace

std::string TargetOf(const std::string& server) {
  constexpr absl::string_view kPort = ":50051";
  for (const absl::string_view scheme : {"unix:", "unix-abstract:", "dns:", "ipv4:", "ipv6:", "xds:", "vsock:"}) {
    if (absl::StartsWith(server, scheme)) return server;
  }
  if (server.empty() || absl::StrContains(server, "://") || absl::StrContains(server, "]:")) return server;
  if (absl::EndsWith(server, "]")) return absl::StrCat(server, kPort);
  const size_t colon = server.find(':');
  if (colon == std::string::npos) return absl::StrCat(server, kPort);
  return server.find(':', colon + 1) == std::string::npos ? server : absl::StrCat("[", server, "]", kPort);
}

absl::StatusOr<client::Options> ConnectionOptions(const GlobalFlags& flags, std::ostream& err) {
  client::Options options;
  options.target = TargetOf(flags.server);
  options.retry.keep_trying = Patience(flags, options.target, err);
  options.reason = flags.reason;
  options.user_agent = "lmp-cli/" LMP_VERSION;
  if (const std::string trace = Traceparent(flags, err); !trace.empty())
    options.traceparent = [trace] { return trace; };
  ASSIGN_OR_RETURN(options.timeout, ParseTimeout(flags.timeout));
  ASSIGN_OR_RETURN(const std::string token, ReadSecret(flags.token_file, err));
  options.bearer_token = std::string(absl::StripAsciiWhitespace(token));
  options.allow_plaintext_token = flags.plaintext_token;
  if (flags.token_file.empty() && !flags.ignore_stored) {
    ASSIGN_OR_RETURN(options.bearer_token, StoredToken(options.target));
  }
  if (flags.tls || !flags.tls_ca.empty() || !flags.tls_cert.empty()) {
    client::TlsCredentials tls;
    ASSIGN_OR_RETURN(tls.ca, ReadFile(flags.tls_ca));
    ASSIGN_OR_RETURN(tls.cert, ReadFile(flags.tls_cert));
    ASSIGN_OR_RETURN(tls.key, ReadSecret(flags.tls_key, err));
    options.credentials = tls;
  }
  return options;
}

}  // namespace lmp::cli

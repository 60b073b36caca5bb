// Implements ParseMysqlUrl of connection.h.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "storage/mysql/connection.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

// No message here quotes the URL, because it may contain a password.
absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("database URL: ", what,
                                                 "; expected mysql://user@host:port/database or "
                                                 "mysql://user@localhost/database?socket=/path"));
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

absl::StatusOr<std::string> PercentDecode(absl::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0 || high + low == 0) return Malformed("bad %-escape");
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return decoded;
}

// Parses "host", "host:port", "[::1]" or "[::1]:port".
absl::Status ParseHostPort(absl::string_view text, DatabaseOptions& options) {
  absl::string_view host = text;
  absl::string_view port;
  if (absl::ConsumePrefix(&text, "[")) {
    const size_t end = text.find(']');
    if (end == absl::string_view::npos) return Malformed("no ] after [");
    host = text.substr(0, end);
    port = text.substr(end + 1);
    if (!port.empty() && !absl::ConsumePrefix(&port, ":")) return Malformed("bad port");
    if (text.size() > end + 1 && port.empty()) return Malformed("bad port");
  } else if (const size_t colon = text.find(':'); colon != absl::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (port.empty() || absl::StrContains(port, ':')) return Malformed("bad port");
  }
  if (host.empty()) return Malformed("no host");
  ASSIGN_OR_RETURN(options.host, PercentDecode(host));
  if (!port.empty() && (!absl::SimpleAtoi(port, &options.port) || options.port < 1 || options.port > 65535)) {
    return Malformed("bad port");
  }
  return absl::OkStatus();
}

absl::Status ParseParameters(absl::string_view text, DatabaseOptions& options) {
  for (absl::string_view parameter : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(parameter, absl::MaxSplits('=', 1));
    std::string* const setting = parts.first == "socket"   ? &options.socket
                                 : parts.first == "tls_ca" ? &options.tls_ca
                                                           : nullptr;
    if (setting == nullptr) return Malformed("unknown parameter (known: socket, tls_ca)");
    ASSIGN_OR_RETURN(std::string value, PercentDecode(parts.second));
    if (value.empty() || value.front() != '/') return Malformed("a parameter is not an absolute path");
    if (!setting->empty()) return Malformed("a parameter is given twice");
    *setting = std::move(value);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DatabaseOptions> ParseMysqlUrl(absl::string_view url) {
  if (!absl::ConsumePrefix(&url, "mysql://")) return Malformed("does not start with mysql://");
  const size_t end = url.find_first_of("/?#");
  absl::string_view authority = url.substr(0, end);
  absl::string_view rest = end == absl::string_view::npos ? "" : url.substr(end);
  if (absl::StrContains(rest, '#')) return Malformed("a # must be written %23");
  // Splits at the last @, so that an @ in a password is part of the password and not of a host.
  const size_t at = authority.rfind('@');
  if (at == 0 || at == absl::string_view::npos) return Malformed("no user");
  const absl::string_view user = authority.substr(0, at);
  if (absl::StrContains(user, ':')) {
    return absl::InvalidArgumentError(
        "database URL: holds a password, which other users of this machine could read; "
        "put it into the environment as LMP_MYSQL_PASSWORD or into a file");
  }
  DatabaseOptions options;
  ASSIGN_OR_RETURN(options.user, PercentDecode(user));
  RETURN_IF_ERROR(ParseHostPort(authority.substr(at + 1), options));
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(rest, absl::MaxSplits('?', 1));
  absl::string_view database = parts.first;
  absl::ConsumePrefix(&database, "/");
  if (database.empty()) return Malformed("no database");
  if (absl::StrContains(database, '/')) return Malformed("bad database name");
  ASSIGN_OR_RETURN(options.database, PercentDecode(database));
  RETURN_IF_ERROR(ParseParameters(parts.second, options));
  // A socket is used instead of the host, so a host other than localhost would be silently ignored.
  const absl::string_view where = authority.substr(at + 1);
  if (!options.socket.empty() && where != "localhost")
    return Malformed(
        "a socket is on this machine: the host must be localhost, "
        "without a port");
  return options;
}

}  // namespace lmp::storage

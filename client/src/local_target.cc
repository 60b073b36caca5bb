#include "client/src/local_target.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace lmp::client {
namespace {

// "[::1]:50051" and "127.0.0.1:50051" without the port and the brackets.
absl::string_view HostOf(absl::string_view target) {
  if (absl::ConsumePrefix(&target, "[")) return target.substr(0, target.find(']'));
  const size_t colon = target.find(':');
  const bool bare_v6 = colon != absl::string_view::npos && target.find(':', colon + 1) != absl::string_view::npos;
  return bare_v6 ? target : target.substr(0, colon);
}

}  // namespace

bool IsLocalTarget(absl::string_view target) {
  if (absl::StartsWith(target, "unix:") || absl::StartsWith(target, "unix-abstract:")) return true;
  for (const absl::string_view scheme : {"dns:", "ipv4:", "ipv6:"}) {
    if (!absl::ConsumePrefix(&target, scheme)) continue;
    // "dns://authority/host:port"; several addresses may follow each other.
    if (absl::ConsumePrefix(&target, "//")) target = target.substr(std::min(target.size(), target.find('/')));
    absl::ConsumePrefix(&target, "/");
    if (target.find(',') != absl::string_view::npos) return false;
    break;
  }
  const std::string host(HostOf(target));
  in_addr v4;
  in6_addr v6;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
  return absl::EqualsIgnoreCase(host, "localhost");
}

}  // namespace lmp::client

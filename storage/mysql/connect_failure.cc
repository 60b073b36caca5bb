#include "storage/mysql/connect_failure.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace lmp::storage {
namespace {

constexpr int kFirst = 2001, kLast = 2005;  // CR_SOCKET_CREATE_ERROR to CR_UNKNOWN_HOST
constexpr int kProbeMilliseconds = 200;

// The number that the driver puts at the end of its text, as in "… (111)"; 0 if there is none.
int SystemErrorIn(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  const size_t open = text.rfind('(');
  int error = 0;
  const bool found = open != absl::string_view::npos && absl::ConsumeSuffix(&text, ")") &&
                     absl::SimpleAtoi(text.substr(open + 1), &error);
  return found ? error : 0;
}

// The error of connecting to an address; 0 if connecting succeeds or takes too long.
int ErrorOf(const addrinfo& address) {
  const int fd = socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol);
  if (fd < 0) return errno;
  int error = connect(fd, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  pollfd poll_fd = {fd, POLLOUT, 0};
  if (error == EINPROGRESS) {
    error = 0;
    socklen_t size = sizeof error;
    if (poll(&poll_fd, 1, kProbeMilliseconds) > 0) getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  close(fd);
  return error;
}

int Probe(const DatabaseOptions& options) {
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(options.host.c_str(), absl::StrCat(options.port).c_str(), &wanted, &found) != 0) return 0;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  return ErrorOf(*addresses);
}

}  // namespace

std::string PlaceOf(const DatabaseOptions& options) {
  return options.socket.empty() ? absl::StrCat(options.host, ":", options.port)
                                : absl::StrCat("socket ", options.socket);
}

std::string WhyNotReached(const DatabaseOptions& options, int number, absl::string_view driver_text,
                          absl::Duration took) {
  if (number < kFirst || number > kLast) return "";
  int error = SystemErrorIn(driver_text);
  if (error == EINPROGRESS) {
    if (took >= options.connect_timeout)
      return absl::StrCat(": no answer in ", absl::FormatDuration(options.connect_timeout));
    error = Probe(options);
  }
  if (error == 0) return "";
  return absl::StrCat(": ", error < 0 ? gai_strerror(error) : strerror(error));
}

}  // namespace lmp::storage

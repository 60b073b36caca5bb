#include "server/transport.h"

#include <grpc/grpc.h>
#include <grpcpp/resource_quota.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>

#include "absl/strings/numbers.h"

namespace lmp::server {
namespace {

// If a call has more metadata than gRPC's own limit, gRPC gives up the whole connection: the state of its header
// compression is lost, and every other call on the connection fails. So gRPC's limit is set far beyond ours. Above our
// limit only the one call is refused (services/call.cc). Clients are told gRPC's limit, and fail above it without
// sending.
constexpr int kMinMetadataOfGrpc = 256 * 1024;
constexpr int kMetadataFactor = 8;

// Common clients are set to keepalives of 10 seconds, with and without calls. gRPC's own limit of 5 minutes would end
// their connections with too_many_pings. Pings faster than this are a mistake or a flood, and are still answered with
// GOAWAY.
constexpr int kShortestPingMillis = 5'000;
constexpr int kPingStrikes = 2;  // gRPC's default

// If a ping is not answered within this time, the client has vanished: its calls are canceled and its memory is freed.
constexpr int kKeepaliveTimeoutMillis = 20'000;

// gRPC adds 10 % of jitter to the age, so that the clients of a server that was just started don't all come back at
// once. A call takes 60 s at most; the rest of this time is for streams.
constexpr int kAgeGraceMillis = 300'000;

// A connection without calls holds a descriptor and some memory. It is closed after this time; clients open it again
// without noticing.
constexpr int kIdleMillis = 30 * 60'000;

// The time from the TCP connection to the end of the TLS handshake. With gRPC's default of 2 minutes, a few sockets
// could hold much.
constexpr int kHandshakeMillis = 20'000;

int MillisOrNever(int seconds) {
  const int64_t millis = int64_t{1000} * seconds;
  if (seconds == 0 || millis > std::numeric_limits<int>::max()) return std::numeric_limits<int>::max();
  return static_cast<int>(millis);
}

}  // namespace

void ConfigureTransport(const TransportOptions& options, grpc::ServerBuilder& builder) {
  const auto set = [&builder](const char* name, int value) { builder.AddChannelArgument(name, value); };
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.max_message_bytes()));
  // gRPC decompresses a whole message before it looks at its size: 0.6 MB of gzip become 600 MB. So we decompress it
  // ourselves, up to the largest message (services/request_bytes.h).
  set(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  set(GRPC_ARG_MAX_METADATA_SIZE,
      std::max(kMinMetadataOfGrpc, kMetadataFactor * static_cast<int>(options.max_metadata_bytes())));
  set(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_streams);

  set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kShortestPingMillis);
  set(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikes);
  set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  set(GRPC_ARG_KEEPALIVE_TIME_MS, MillisOrNever(options.keepalive_seconds));
  set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMillis);

  set(GRPC_ARG_MAX_CONNECTION_AGE_MS, MillisOrNever(options.max_connection_age_seconds));
  set(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, kAgeGraceMillis);
  set(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleMillis);
  set(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeMillis);
  set(GRPC_ARG_ALLOW_REUSEPORT, 0);  // so that a second server on the port fails instead of taking half the calls

  // When memory is short, gRPC first reads less from each connection, then ends idle connections, then the calls that
  // hold most.
  grpc::ResourceQuota quota("lmp");
  quota.Resize(static_cast<size_t>(options.network_memory_mib) * 1024 * 1024);
  builder.SetResourceQuota(quota);
}

void EndConnections(int port) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    int fd = -1;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &fd)) continue;
    sockaddr_storage here{};
    sockaddr_storage there{};
    socklen_t size = sizeof(there);
    // The descriptor listens, or is no socket.
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&there), &size) != 0) continue;
    size = sizeof(here);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&here), &size) != 0) continue;
    in_port_t its_port = 0;  // 0 for a Unix socket, which has no port
    if (here.ss_family == AF_INET) its_port = reinterpret_cast<sockaddr_in*>(&here)->sin_port;
    if (here.ss_family == AF_INET6) its_port = reinterpret_cast<sockaddr_in6*>(&here)->sin6_port;
    if (its_port != 0 && ntohs(its_port) == port) shutdown(fd, SHUT_RDWR);
  }
}

}  // namespace lmp::server

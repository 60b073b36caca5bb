// `lmp-server health` asks a running server for its health. It is for containers and supervisors that have no other
// program to ask with.
#ifndef LMP_SERVER_HEALTH_CHECK_H_
#define LMP_SERVER_HEALTH_CHECK_H_

#include <string>

#include "absl/status/status.h"
#include "server/config.h"

namespace lmp::server {

// OK if the server with this config, on this machine, answers SERVING for the service: "" asks whether it is ready for
// calls, "liveness" whether it lives. Errors: UNAVAILABLE with the other answer; INVALID_ARGUMENT if no such question
// can be asked with this config.
absl::Status CheckHealth(const Config& config, const std::string& service);

// The address at which a program on this machine reaches a server that listens at `listen`. 0.0.0.0 and [::] mean all
// addresses, so the server is reached at loopback.
std::string LocalTarget(const std::string& listen);

}  // namespace lmp::server

#endif  // LMP_SERVER_HEALTH_CHECK_H_

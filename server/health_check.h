// `lmp-server health`: asks a running server how it is, for containers and supervisors that have nothing else to ask
// with.
#ifndef LMP_SERVER_HEALTH_CHECK_H_
#define LMP_SERVER_HEALTH_CHECK_H_

#include <string>

#include "absl/status/status.h"
#include "server/config.h"

namespace lmp::server {

// OK if the server of this config, on this machine, says SERVING of the service: "" is whether it is ready for calls,
// "liveness" whether it lives. Errors: UNAVAILABLE, with what it said instead; INVALID_ARGUMENT if the config does not
// let one ask.
absl::Status CheckHealth(const Config& config, const std::string& service);

// Where a program on this machine reaches who listens there: 0.0.0.0 and [::] are all addresses, loopback is one of
// them.
std::string LocalTarget(const std::string& listen);

}  // namespace lmp::server

#endif  // LMP_SERVER_HEALTH_CHECK_H_

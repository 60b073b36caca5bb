// What a server tells who started it (systemd's sd_notify protocol, which other supervisors speak too).
#ifndef LMP_SERVER_SERVICE_MANAGER_H_
#define LMP_SERVER_SERVICE_MANAGER_H_

#include "absl/strings/string_view.h"

namespace lmp::server {

// Sends a state such as "READY=1" or "STATUS=draining" to the socket in NOTIFY_SOCKET; nothing if there is none. Never
// blocks, and never fails the caller: a supervisor that does not listen is no reason not to serve. Safe for any thread.
void TellServiceManager(absl::string_view state);

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICE_MANAGER_H_

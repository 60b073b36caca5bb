// Tells the program that started the server how the server is (systemd's sd_notify protocol, which other supervisors
// speak too).
#ifndef LMP_SERVER_SERVICE_MANAGER_H_
#define LMP_SERVER_SERVICE_MANAGER_H_

#include "absl/strings/string_view.h"

namespace lmp::server {

// Sends a state such as "READY=1" or "STATUS=draining" to the socket in NOTIFY_SOCKET; does nothing if there is none.
// It never blocks and never fails the caller: a supervisor that does not listen is no reason not to serve. Thread-safe.
void TellServiceManager(absl::string_view state);

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICE_MANAGER_H_

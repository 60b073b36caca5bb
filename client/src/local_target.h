// Whether a gRPC target is on this machine.
#ifndef LMP_CLIENT_SRC_LOCAL_TARGET_H_
#define LMP_CLIENT_SRC_LOCAL_TARGET_H_

#include "absl/strings/string_view.h"

namespace lmp::client {

// True for Unix and abstract sockets, and for loopback addresses and "localhost". A name that only resolves to such an
// address is not local: who answers for it is decided elsewhere.
bool IsLocalTarget(absl::string_view target);

}  // namespace lmp::client

#endif  // LMP_CLIENT_SRC_LOCAL_TARGET_H_

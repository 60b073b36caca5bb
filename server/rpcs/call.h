// One call, as the table of RPCs sees it: who calls, until when the caller waits, and where the answer goes. It is free
// of gRPC.
#ifndef LMP_SERVER_RPCS_CALL_H_
#define LMP_SERVER_RPCS_CALL_H_

#include <cstddef>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/auth/identity.h"
#include "server/domain/env.h"
#include "server/engine/call_times.h"

namespace lmp::rpcs {

class Call {
 public:
  virtual const domain::Caller& caller() const = 0;
  // The same, with all that is known of it.
  virtual const auth::Identity& identity() const = 0;
  virtual absl::Time deadline() const = 0;
  // The size of its request.
  virtual size_t bytes() const = 0;
  // Returns a function that tells whether the client has given up or its deadline has passed. It can be called until
  // the call is answered.
  virtual std::function<bool()> gone() const = 0;
  // Where the time goes that the call takes; null if nobody wants to know.
  virtual engine::CallTimes* times() { return nullptr; }
  // Sets the id that names a mutation in the log.
  virtual void set_request_id(const std::string& request_id) = 0;
  // Sends the serialized response, or the status with its details. Call it exactly once, from any thread; the call is
  // destroyed soon after.
  virtual void Answer(absl::StatusOr<std::string> response, bool replayed = false) = 0;

 protected:
  ~Call() = default;  // protected: only the maker of a call may destroy it
};

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_CALL_H_

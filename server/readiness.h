// Decides whether a server should get calls: its database must answer, and both must agree on the time.
#ifndef LMP_SERVER_READINESS_H_
#define LMP_SERVER_READINESS_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/mysql/database.h"

namespace lmp::server {

// The clocks of a server and its database may differ by this much. The server's clock decides what is due, and what is
// done then stays done.
inline constexpr absl::Duration kMaxClockDifference = absl::Minutes(1);
// A look that takes longer than this shows that the database is slow, which does not yet mean that it is away.
inline constexpr absl::Duration kSlowProbe = absl::Seconds(1);
inline constexpr int kMissesUntilAway = 3;

// One look at the database.
struct Probe {
  absl::Status status;
  absl::Duration took;
  absl::Duration ahead;  // how far our clock is ahead of the database's
};

// Reads one of our tables, because a Galera node without a quorum still answers SELECT 1; and reads the database's
// clock.
Probe ProbeDatabase(storage::Database& database, absl::Time deadline,
                    const std::function<absl::Time()>& clock = absl::Now);

class Readiness final {
 public:
  enum class State {
    kReady,
    kDatabaseAway,
    kClockWrong,
  };

  explicit Readiness(State state) : state_(state) {}

  // Takes a look into account. A database that refuses at once counts as away. One that does not answer counts as away
  // only after several such looks in a row: otherwise a network that is slow for some seconds would take all servers
  // out of service together. A wrong clock counts at once.
  State Take(const Probe& probe);
  State state() const { return state_; }

 private:
  State state_;
  int misses_ = 0;  // looks in a row without an answer
};

}  // namespace lmp::server

#endif  // LMP_SERVER_READINESS_H_

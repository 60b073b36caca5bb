// Whether a server should get calls: is its database there, and do both agree what time it is.
#ifndef LMP_SERVER_READINESS_H_
#define LMP_SERVER_READINESS_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/mysql/database.h"

namespace lmp::server {

// A server and its database may disagree by this much. What is due is decided by the server's clock, and done for good.
inline constexpr absl::Duration kMaxClockDifference = absl::Minutes(1);
// A look that takes longer than this says that the database is slow, which is not away.
inline constexpr absl::Duration kSlowProbe = absl::Seconds(1);
inline constexpr int kMissesUntilAway = 3;

// One look at the database.
struct Probe {
  absl::Status status;
  absl::Duration took;
  absl::Duration ahead;  // our clock, of the database's
};

// Reads a table of ours, as a Galera node without a quorum answers SELECT 1, and the database's clock.
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

  // Takes a look into account. A database that refuses at once is away; one that does not answer is, after several such
  // looks in a row, as a slow network for some seconds would else take all servers away together. A wrong clock counts
  // at once.
  State Take(const Probe& probe);
  State state() const { return state_; }

 private:
  State state_;
  int misses_ = 0;  // in a row
};

}  // namespace lmp::server

#endif  // LMP_SERVER_READINESS_H_

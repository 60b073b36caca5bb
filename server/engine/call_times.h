// Where the time of one call went, for the log and for traces.
#ifndef LMP_SERVER_ENGINE_CALL_TIMES_H_
#define LMP_SERVER_ENGINE_CALL_TIMES_H_

#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/mysql/statement_stats.h"

namespace lmp::engine {

// Who submits a call may have this filled; it must live until the call is done, and is read only then.
struct CallTimes {
  absl::Time submitted = absl::InfinitePast();  // when it came into its queue; InfinitePast: it never did
  absl::Duration queued;                        // until its turn came
  absl::Duration locked_out;                    // while another session held its rows (locked_out.h)
  absl::Time set_aside = absl::InfinitePast();  // since when it waits for that now; InfinitePast: it does not
  absl::Duration decided;                       // in the decision, of this call alone
  absl::Duration rendered;                      // making the bytes of the answer
  int batch = 0;                                // calls that shared the transaction, this one included; 0: none did
  bool kept = false;                            // answered from memory, as its caller accepted an older answer
  storage::DatabaseWork work;                   // of the last transaction that they shared
};

// From here on the call waits for rows that another session has locked.
inline void BeginWait(CallTimes* times) {
  if (times != nullptr) times->set_aside = absl::Now();
}

// The wait is over, if there was one.
inline void EndWait(CallTimes* times) {
  if (times == nullptr || times->set_aside == absl::InfinitePast()) return;
  times->locked_out += absl::Now() - times->set_aside;
  times->set_aside = absl::InfinitePast();
}

// The work of a transaction is shown by each of the jobs that shared it.
template <class Job>
void NoteWork(const storage::DatabaseWork& work, const std::vector<Job*>& jobs) {
  for (const Job* job : jobs) {
    if (job->times == nullptr) continue;
    job->times->batch = static_cast<int>(jobs.size());
    job->times->work = work;
  }
}

// Adds the time that `function` takes to a part of the times, if there are any. Returns what the function does.
template <class Function>
auto Timed(CallTimes* times, absl::Duration CallTimes::*part, const Function& function) {
  if (times == nullptr) return function();
  const absl::Time began = absl::Now();
  auto result = function();
  times->*part += absl::Now() - began;
  return result;
}

}  // namespace lmp::engine

#endif  // LMP_SERVER_ENGINE_CALL_TIMES_H_

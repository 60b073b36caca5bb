// Stands between a program and the database, and loses a COMMIT when it is told to.
#ifndef LMP_TESTS_ENGINE_COMMIT_PROXY_H_
#define LMP_TESTS_ENGINE_COMMIT_PROXY_H_

#include <list>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "storage/mysql/connection.h"

namespace lmp::testing {

class CommitProxy final {
 public:
  enum class Loss {
    kReply,    // COMMIT is done, and the answer never comes
    kRequest,  // COMMIT never reaches the database
  };

  explicit CommitProxy(const storage::DatabaseOptions& database);
  ~CommitProxy();

  // The same database, through the proxy.
  storage::DatabaseOptions options() const;
  // The next `times` COMMITs are lost, each with its connection.
  void Lose(Loss loss, int times = 1);
  int lost() const;

 private:
  void Listen();
  void Carry(int client);
  // What to do with this COMMIT; counts it.
  bool Loses(Loss& loss);

  const storage::DatabaseOptions database_;
  std::string directory_;
  int listener_ = -1;
  mutable absl::Mutex mutex_;
  Loss loss_ ABSL_GUARDED_BY(mutex_) = Loss::kReply;
  int to_lose_ ABSL_GUARDED_BY(mutex_) = 0;
  int lost_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Notification over_;
  std::list<std::thread> carriers_;  // of the listening thread
  std::thread listening_;
};

}  // namespace lmp::testing

#endif  // LMP_TESTS_ENGINE_COMMIT_PROXY_H_

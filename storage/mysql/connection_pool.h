// A bounded set of connections to one database. They are opened when first needed; the most recently used one is taken
// first.
#ifndef LMP_STORAGE_MYSQL_CONNECTION_POOL_H_
#define LMP_STORAGE_MYSQL_CONNECTION_POOL_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// Thread-safe. All leases must be destroyed before the pool.
class ConnectionPool final {
 public:
  // The use of one connection by one thread at a time. When the lease ends, the connection goes back to the pool, or is
  // closed if it is broken. A lease whose transaction is still open must Discard() its connection.
  class Lease final {
   public:
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          connection_(std::move(other.connection_)),
          reused_(other.reused_) {}
    Lease& operator=(Lease&& other) noexcept;
    ~Lease() { Release(); }

    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

    // True if the connection was used before and then lay idle: it may have died unnoticed.
    bool reused() const { return reused_; }
    // Closes the connection and frees its place in the pool; the lease is empty then.
    void Discard();

   private:
    friend class ConnectionPool;
    Lease(ConnectionPool* pool, std::unique_ptr<Connection> connection, bool reused)
        : pool_(pool), connection_(std::move(connection)), reused_(reused) {}
    void Release();

    ConnectionPool* pool_;
    std::unique_ptr<Connection> connection_;
    bool reused_;
  };

  struct Stats {
    int opened = 0;  // connections in use, idle, or being opened
    int in_use = 0;
    int idle = 0;
    int waiting = 0;
    int64_t opened_total = 0;  // since the start; failed attempts are not counted
  };

  // Options with neither a host nor a socket mean that there is no database yet.
  ConnectionPool(DatabaseOptions options, int max_connections);
  ~ConnectionPool();
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  // Returns an idle connection, or opens one, or waits for one until the deadline. Opening may outlast the deadline by
  // up to a second. Errors: DEADLINE_EXCEEDED (none became free in time), RESOURCE_EXHAUSTED (all are in use and the
  // deadline leaves no time to wait), UNAVAILABLE (no database yet), those of Connection::Open.
  absl::StatusOr<Lease> Acquire(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mutex_);

  // Sets where new connections go from now on.
  void SetTarget(DatabaseOptions options) ABSL_LOCKS_EXCLUDED(mutex_);

  Stats stats() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Closes all connections that are idle now.
  void CloseIdle() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  bool Available() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !idle_.empty() || opened_ < max_connections_; }
  void GiveBack(std::unique_ptr<Connection> connection) ABSL_LOCKS_EXCLUDED(mutex_);
  void FreePlace() ABSL_LOCKS_EXCLUDED(mutex_);

  const int max_connections_;
  mutable absl::Mutex mutex_;
  DatabaseOptions options_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);  // the last one is the most recently used
  int opened_ ABSL_GUARDED_BY(mutex_) = 0;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t opened_total_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_CONNECTION_POOL_H_

#include "storage/mysql/connection_pool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace lmp::storage {

ConnectionPool::Lease& ConnectionPool::Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    Release();
    pool_ = std::exchange(other.pool_, nullptr);
    connection_ = std::move(other.connection_);
    reused_ = other.reused_;
  }
  return *this;
}

void ConnectionPool::Lease::Discard() {
  if (connection_ == nullptr) return;
  // Closed before its place is free, so that the database never has more connections than the bound.
  connection_.reset();
  std::exchange(pool_, nullptr)->FreePlace();
}

void ConnectionPool::Lease::Release() {
  if (connection_ == nullptr) return;
  if (connection_->broken()) return Discard();
  std::exchange(pool_, nullptr)->GiveBack(std::move(connection_));
}

ConnectionPool::ConnectionPool(DatabaseOptions options, int max_connections)
    : max_connections_(std::max(1, max_connections)), options_(std::move(options)) {}

ConnectionPool::~ConnectionPool() = default;

void ConnectionPool::SetTarget(DatabaseOptions options) {
  absl::MutexLock lock(&mutex_);
  options_ = std::move(options);
}

absl::StatusOr<ConnectionPool::Lease> ConnectionPool::Acquire(absl::Time deadline) {
  DatabaseOptions options;
  {
    absl::MutexLock lock(&mutex_);
    if (options_.host.empty() && options_.socket.empty()) return absl::UnavailableError("there is no database yet");
    if (!Available()) {
      if (deadline <= absl::Now()) {
        return absl::ResourceExhaustedError(absl::StrCat("all ", max_connections_, " database connections are in use"));
      }
      const auto available = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return Available(); };
      ++waiting_;
      const bool got_one = mutex_.AwaitWithDeadline(absl::Condition(&available), deadline);
      --waiting_;
      if (!got_one) {
        return absl::DeadlineExceededError(
            absl::StrCat("none of ", max_connections_, " database connections became free in time"));
      }
    }
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return Lease(this, std::move(connection), /*reused=*/true);
    }
    ++opened_;
    options = options_;
  }
  // Connecting takes several round trips, or even seconds, so it never happens under the mutex.
  options.connect_timeout = std::min(options.connect_timeout, deadline - absl::Now());
  absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(options);
  absl::MutexLock lock(&mutex_);
  if (!connection.ok()) {
    --opened_;
    return connection.status();
  }
  ++opened_total_;
  return Lease(this, *std::move(connection), /*reused=*/false);
}

void ConnectionPool::GiveBack(std::unique_ptr<Connection> connection) {
  absl::MutexLock lock(&mutex_);
  idle_.push_back(std::move(connection));
}

void ConnectionPool::FreePlace() {
  absl::MutexLock lock(&mutex_);
  --opened_;
}

void ConnectionPool::CloseIdle() {
  std::vector<std::unique_ptr<Connection>> closing;
  {
    absl::MutexLock lock(&mutex_);
    closing.swap(idle_);
    opened_ -= static_cast<int>(closing.size());
  }
}

ConnectionPool::Stats ConnectionPool::stats() const {
  absl::MutexLock lock(&mutex_);
  const int idle = static_cast<int>(idle_.size());
  return {opened_, opened_ - idle, idle, waiting_, opened_total_};
}

}  // namespace lmp::storage

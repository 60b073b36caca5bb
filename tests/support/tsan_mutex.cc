// absl::Mutex and absl::CondVar of pthreads, for ThreadSanitizer. Debian's Abseil is built without it, so that to it a
// lock is no lock, and everything that a lock protects looks like a race. These take the place of the shared library's,
// for gRPC too, as a program's functions come before those of its libraries. A reader locks like a writer.

#include <pthread.h>
#include <sys/time.h>

#include <cerrno>
#include <ctime>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

namespace {

struct Pthreads {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed = PTHREAD_COND_INITIALIZER;  // signaled at each unlock, for who waits for a condition
};

// In the eight bytes that each Mutex or CondVar has, which begin as 0.
template <class Made>
Made& In(const void* object) {
  auto* place = static_cast<Made**>(const_cast<void*>(object));
  Made* made = __atomic_load_n(place, __ATOMIC_ACQUIRE);
  if (made != nullptr) return *made;
  Made* fresh = new Made();
  if (__atomic_compare_exchange_n(place, &made, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return *fresh;
  delete fresh;
  return *made;
}
Pthreads& Of(const absl::Mutex* mutex) { return In<Pthreads>(mutex); }

// Waits for a signal, until the time has come: false.
bool WaitUntil(pthread_cond_t& changed, pthread_mutex_t& mutex, absl::Time deadline) {
  if (deadline == absl::InfiniteFuture()) return pthread_cond_wait(&changed, &mutex) == 0;
  const timespec until = absl::ToTimespec(deadline);
  return pthread_cond_timedwait(&changed, &mutex, &until) != ETIMEDOUT;
}

// With the lock held. Returns whether the condition holds.
bool AwaitUntil(const absl::Mutex* mutex, const absl::Condition& condition, absl::Time deadline) {
  Pthreads& pthreads = Of(mutex);
  while (!condition.Eval()) {
    if (!WaitUntil(pthreads.changed, pthreads.mutex, deadline)) return condition.Eval();
  }
  return true;
}

absl::Time After(absl::Duration timeout) { return absl::Now() + timeout; }

}  // namespace

namespace absl {

static_assert(sizeof(Mutex) == sizeof(void*) && sizeof(CondVar) == sizeof(void*));

Mutex::~Mutex() { delete __atomic_load_n(reinterpret_cast<Pthreads**>(this), __ATOMIC_ACQUIRE); }
void Mutex::Lock() { pthread_mutex_lock(&Of(this).mutex); }
void Mutex::Unlock() {
  Pthreads& pthreads = Of(this);
  // First, as whoever locks it next may destroy it.
  pthread_cond_broadcast(&pthreads.changed);
  pthread_mutex_unlock(&pthreads.mutex);
}
bool Mutex::TryLock() { return pthread_mutex_trylock(&Of(this).mutex) == 0; }
void Mutex::ReaderLock() { Lock(); }
void Mutex::ReaderUnlock() { Unlock(); }
bool Mutex::ReaderTryLock() { return TryLock(); }
void Mutex::AssertHeld() const {}
void Mutex::AssertReaderHeld() const {}
void Mutex::EnableDebugLog(const char* /*name*/) {}
void Mutex::ForgetDeadlockInfo() {}

void Mutex::Await(const Condition& condition) { AwaitUntil(this, condition, InfiniteFuture()); }
bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  return AwaitUntil(this, condition, After(timeout));
}
bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  return AwaitUntil(this, condition, deadline);
}
void Mutex::LockWhen(const Condition& condition) {
  Lock();
  Await(condition);
}
bool Mutex::LockWhenWithTimeout(const Condition& condition, Duration timeout) {
  Lock();
  return AwaitWithTimeout(condition, timeout);
}
bool Mutex::LockWhenWithDeadline(const Condition& condition, Time deadline) {
  Lock();
  return AwaitWithDeadline(condition, deadline);
}
void Mutex::ReaderLockWhen(const Condition& condition) { LockWhen(condition); }
bool Mutex::ReaderLockWhenWithTimeout(const Condition& condition, Duration timeout) {
  return LockWhenWithTimeout(condition, timeout);
}
bool Mutex::ReaderLockWhenWithDeadline(const Condition& condition, Time deadline) {
  return LockWhenWithDeadline(condition, deadline);
}

CondVar::~CondVar() { delete __atomic_load_n(reinterpret_cast<pthread_cond_t**>(this), __ATOMIC_ACQUIRE); }
void CondVar::Wait(Mutex* mutex) { WaitWithDeadline(mutex, InfiniteFuture()); }
bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) { return WaitWithDeadline(mutex, After(timeout)); }
bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  // Who waits for a condition of the mutex may go on while this one waits.
  pthread_cond_broadcast(&Of(mutex).changed);
  return !WaitUntil(In<pthread_cond_t>(this), Of(mutex).mutex, deadline);
}
void CondVar::Signal() { pthread_cond_signal(&In<pthread_cond_t>(this)); }
void CondVar::SignalAll() { pthread_cond_broadcast(&In<pthread_cond_t>(this)); }
void CondVar::EnableDebugLog(const char* /*name*/) {}

}  // namespace absl

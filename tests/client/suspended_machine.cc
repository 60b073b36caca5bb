#include "tests/client/suspended_machine.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace {

std::atomic<int64_t> suspended_seconds = 0;

}  // namespace

// In place of libc's.
extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, time));
  if (clock == CLOCK_BOOTTIME) time->tv_sec += suspended_seconds;
  return result;
}

namespace lmp::testing {

void Suspend(absl::Duration time) { suspended_seconds += absl::ToInt64Seconds(time); }

}  // namespace lmp::testing

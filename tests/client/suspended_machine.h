// A machine that was suspended, for the clocks of this program.
#ifndef LMP_TESTS_CLIENT_SUSPENDED_MACHINE_H_
#define LMP_TESTS_CLIENT_SUSPENDED_MACHINE_H_

#include "absl/time/time.h"

namespace lmp::testing {

// Time passes by CLOCK_BOOTTIME, while CLOCK_MONOTONIC stands still.
void Suspend(absl::Duration time);

}  // namespace lmp::testing

#endif  // LMP_TESTS_CLIENT_SUSPENDED_MACHINE_H_

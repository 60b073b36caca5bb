// Counts what a thread asks `operator new` for, in the sections that it names. Linking allocation_counter.cc replaces
// the global operators new and delete of a program; outside of a section they do nothing but their work. What C
// libraries ask malloc for is not counted.
#ifndef LMP_TESTS_SUPPORT_ALLOCATION_COUNTER_H_
#define LMP_TESTS_SUPPORT_ALLOCATION_COUNTER_H_

#include <google/protobuf/stubs/common.h>

#include <cstdint>
#include <string>

namespace lmp::testing {

// On the calling thread only. StopCounting returns how many there were since StartCounting. Sections do not nest.
void StartCounting();
int64_t StopCounting();

// What the tests write down was counted with GCC 12 and protobuf 3.21, Debian 12's. With others, whose strings and
// messages allocate a little otherwise, a count may be off by so many percent.
constexpr int kPercentOff = __GNUC__ == 12 && GOOGLE_PROTOBUF_VERSION / 1000 == 3021 ? 0 : 10;

// The expected count instead of one that is off by no more than so many percent.
int64_t Forgive(int64_t counted, int64_t expected, int percent);

// From now on each allocation that is counted, on whatever thread, is remembered with its call stack (much slower).
void StartTracing();
// Stops that, forgets them, and tells where most were made: at most `stacks` places, the most frequent first, each as
// the innermost of our own functions (lmp::). Needs addr2line, and debug information.
std::string StopTracing(int stacks);

}  // namespace lmp::testing

#endif  // LMP_TESTS_SUPPORT_ALLOCATION_COUNTER_H_

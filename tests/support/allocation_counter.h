// Counts what a thread asks `operator new` for, in the sections that it names. Linking allocation_counter.cc replaces
// the global operators new and delete of a program; outside of a section they do nothing but their work. What C
// libraries ask malloc for is not counted.
#ifndef LMP_TESTS_SUPPORT_ALLOCATION_COUNTER_H_
#define LMP_TESTS_SUPPORT_ALLOCATION_COUNTER_H_

#include <cstdint>
#include <string>

namespace lmp::testing {

// On the calling thread only. StopCounting returns how many there were since StartCounting. Sections do not nest.
void StartCounting();
int64_t StopCounting();

// From now on each allocation that is counted, on whatever thread, is remembered with its call stack (much slower).
void StartTracing();
// Stops that, forgets them, and tells where most were made: at most `stacks` places, the most frequent first, each as
// the innermost of our own functions (lmp::). Needs addr2line, and debug information.
std::string StopTracing(int stacks);

}  // namespace lmp::testing

#endif  // LMP_TESTS_SUPPORT_ALLOCATION_COUNTER_H_

// Leaves out of a failing list all that is not needed for the failure (delta debugging).
#ifndef LMP_TESTS_RANDOM_SHRINK_H_
#define LMP_TESTS_RANDOM_SHRINK_H_

#include <functional>
#include <vector>

#include "absl/time/time.h"

namespace lmp::random_test {

// `fails` says whether a part of the list, in its order, still fails; the whole list does. Gives up looking for less at
// `deadline`. The result fails; if there was time enough, it fails no more with any one element left out.
std::vector<int> Shrink(std::vector<int> list, const std::function<bool(const std::vector<int>&)>& fails,
                        absl::Time deadline);

}  // namespace lmp::random_test

#endif  // LMP_TESTS_RANDOM_SHRINK_H_

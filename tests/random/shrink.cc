#include "tests/random/shrink.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace lmp::random_test {

std::vector<int> Shrink(std::vector<int> list, const std::function<bool(const std::vector<int>&)>& fails,
                        absl::Time deadline) {
  for (size_t size = std::max<size_t>(list.size() / 2, 1);;) {
    bool smaller = false;
    // From the back: later steps depend on earlier ones, seldom the other way round.
    for (size_t end = list.size(); end > 0 && absl::Now() < deadline;) {
      const size_t begin = end > size ? end - size : 0;
      std::vector<int> rest(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(begin));
      rest.insert(rest.end(), list.begin() + static_cast<std::ptrdiff_t>(end), list.end());
      if (!rest.empty() && fails(rest)) {
        list = std::move(rest);
        smaller = true;
      }
      end = begin;
    }
    if (absl::Now() >= deadline || (size == 1 && !smaller)) return list;
    if (size > 1) size = std::max<size_t>(std::min(size / 2, list.size() / 2), 1);
  }
}

}  // namespace lmp::random_test

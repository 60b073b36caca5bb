// The calls that matter most, each on the engines and the code of the services, with everything fixed: a world in
// memory for a database (tests/support/memory_database.h), a clock that stands still, ids of the real length that are
// counted up. So what a call costs in allocations or instructions is a number and not a measurement.
#ifndef LMP_TESTS_ENGINE_HOT_CALLS_H_
#define LMP_TESTS_ENGINE_HOT_CALLS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/support/meter.h"

namespace lmp::engine {

struct HotCall {
  std::string name;
  // Runs it once, start to end; may be repeated and is the same each time. The first run is dearer: it makes what is
  // kept.
  std::function<absl::Status()> run;
};

class HotCalls final {
 public:
  // `meter` outlives it, and is told of the sections of each call as it runs.
  explicit HotCalls(testing::Meter& meter);
  ~HotCalls();

  const std::vector<HotCall>& all() const { return calls_; }

 private:
  struct Rig;  // engines and worlds
  std::unique_ptr<Rig> rig_;
  std::vector<HotCall> calls_;
};

}  // namespace lmp::engine

#endif  // LMP_TESTS_ENGINE_HOT_CALLS_H_

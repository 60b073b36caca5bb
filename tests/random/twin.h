// A second system that is asked the same, and whose time worker runs as soon as a day comes, while that of the first
// comes when a history says so, or not at all. State is a function of row and time: both must give the same answers,
// show the same, and in the end have stored the same, event by event.
#ifndef LMP_TESTS_RANDOM_TWIN_H_
#define LMP_TESTS_RANDOM_TWIN_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/random/step.h"
#include "tests/random/system.h"

namespace lmp::random_test {

class Twin final {
 public:
  // `twin` may be null: then everything is as it must be.
  Twin(System& system, System* twin) : system_(system), twin_(twin) {}

  absl::Status Restart(const World& world);
  // Time is `now` for both; what is due is stored in the twin.
  absl::Status Move(absl::Time now);
  // Sends the twin the same request, and compares its answer. Returns what differs.
  std::vector<std::string> Ask(const Step& step, const google::protobuf::Message& request,
                               const absl::StatusOr<engine::Answer>& answer);
  // What readers see of these customers and pools.
  std::vector<std::string> CompareViews(const World& world);
  // What is stored, once nothing is due in either.
  std::vector<std::string> CompareRows();

  // Answers and views that were compared.
  int64_t compared() const { return compared_; }

 private:
  System& system_;
  System* const twin_;
  int64_t compared_ = 0;
};

}  // namespace lmp::random_test

#endif  // LMP_TESTS_RANDOM_TWIN_H_

// What LicenseCache of the client library knows of a history, and what it answers: that must be what the server
// answers, on any day, whether or not anybody stored what time did. Where more is due than it can know, it must say
// nothing.
#ifndef LMP_TESTS_RANDOM_CACHED_CHECKS_H_
#define LMP_TESTS_RANDOM_CACHED_CHECKS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client/src/license_facts.h"
#include "storage/model/event.h"
#include "tests/random/model.h"
#include "tests/random/system.h"

namespace lmp::random_test {

class CachedChecks final {
 public:
  // Events in their order, or rows of a snapshot.
  void Take(const std::vector<model::Event>& events);
  void Take(const std::vector<RawEvent>& events);
  int64_t last_event() const { return last_event_; }

  // What differs from the server's answers; the keys are (customer, product).
  std::vector<std::string> Compare(const std::vector<Key>& keys, Date today,
                                   const std::vector<v1::CheckLicenseResponse>& answers);

  int64_t compared() const { return compared_; }
  int64_t asked() const { return asked_; }  // for which the server would have been asked

 private:
  std::unique_ptr<client::LicenseFacts> facts_ = std::make_unique<client::LicenseFacts>(size_t{1} << 30);
  int64_t last_event_ = 0, compared_ = 0, asked_ = 0;
};

}  // namespace lmp::random_test

#endif  // LMP_TESTS_RANDOM_CACHED_CHECKS_H_
